// Scripts that make shells ask `ottla __complete` for what may come next.

/** Shells there is a script for. */
export const shells: readonly string[] = ["bash", "zsh", "fish"];

const bash = `# Completion of ottla for bash: source <(ottla completion bash)
_ottla() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _ottla ottla
`;

const zsh = `#compdef ottla
# Completion of ottla for zsh: source <(ottla completion zsh)
_ottla() {
  local -a candidates
  candidates=(\${(f)"$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#candidates} )); then compadd -- $candidates; else _files; fi
}
compdef _ottla ottla
`;

const fish = `# Completion of ottla for fish: ottla completion fish | source
function __ottla_candidates
  set -l words (commandline -opc)
  $words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c ottla -a '(__ottla_candidates)'
`;

/** The script for a shell; null for one that nobody wrote a script for. */
export function completionScript(shell: string): string | null {
  switch (shell) {
    case "bash":
      return bash;
    case "zsh":
      return zsh;
    case "fish":
      return fish;
    default:
      return null;
  }
}

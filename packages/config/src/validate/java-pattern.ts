// Whether Java takes a text for a regular expression (java.util.regex.Pattern): clients' matching patterns
// are written for Java, whose syntax is neither wider nor narrower than JavaScript's. One pass over the text
// without recursion, as groups may be nested as deep as the text is long. It does not match anything.

/** True when `text` compiles. */
export function isJavaPattern(text: string): boolean {
  return new PatternReader(text).isWhole();
}

/** No opening of a group that we know of is longer; a name of more characters is refused. */
const OPENING_CHARACTERS_MAX = 128;
const INLINE_FLAGS = /^\?[idmsuxU]*(?:-[idmsuxU]*)?\)/;
const GROUP_OPENING = /^\?(?:[:=!>]|<[=!]|<([A-Za-z][A-Za-z0-9]*)>|[idmsuxU]*(?:-[idmsuxU]*)?:)/;

const COUNTED = /\{(\d{1,10})(,(\d{0,10}))?\}/y;
const INT_MAX = 2_147_483_647;

/** What may stand behind a backslash; letters that are not here mean nothing to Java. */
const ESCAPE =
  /(?:[tnrfaedDhHsSvVwWbBAGZzRX1-9]|0[0-3]?[0-7]{1,2}|x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\})|u[0-9a-fA-F]{4}|c[^]|[^A-Za-z0-9])/y;
const NAMED_BACK_REFERENCE = /k<([A-Za-z][A-Za-z0-9]*)>/y;
const PROPERTY = /[pP](?:\{(\w[\w=\- ]{0,63})\}|([A-Za-z]))/y;
const POSIX_CLASS = /^(?:Lower|Upper|ASCII|Alpha|Digit|Alnum|Punct|Graph|Print|Blank|Cntrl|XDigit|Space)$/;
const JAVA_CLASS =
  /^java(?:Lower|Upper|Alphabetic|Ideographic|Title|Digit|Defined|Letter|LetterOrDigit|SpaceChar|Whitespace|ISOControl|Mirrored|(?:Java|Unicode)Identifier(?:Start|Part)|IdentifierIgnorable)(?:Case)?$/;
/** Named as `IsNAME`, beside scripts and categories. */
const BINARY_PROPERTY =
  /^(?:Alphabetic|Ideographic|Letter|Lowercase|Uppercase|Titlecase|Punctuation|Control|White_?Space|Digit|Hex_?Digit|Join_?Control|Noncharacter_?Code_?Point|Assigned|Emoji\w*)$/i;

class PatternReader {
  readonly #text: string;
  /** Groups that are open: whether each looks behind, where Java repeats no group without a bound. */
  readonly #open: boolean[] = [];
  readonly #names = new Set<string>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isWhole(): boolean {
    while (this.#at < this.#text.length) if (!this.#atom()) return false;
    return this.#open.length === 0;
  }

  #atom(): boolean {
    const character = this.#text[this.#at] ?? "";
    if (character === "(") return this.#openGroup();
    if (character === "[") return this.#characterClass() && this.#quantifier();
    if (character === "\\")
      return this.#isQuoted() ? this.#quotation() : this.#escape() && this.#quantifier();
    // A count alone repeats nothing; the other three need something before them.
    if (character === "{") return this.#quantifier();
    if ("*+?".includes(character)) return false;
    this.#at += 1;
    if (character === "|") return true;
    if (character !== ")") return this.#quantifier();
    return this.#open.pop() !== undefined && this.#quantifier("of a group");
  }

  #openGroup(): boolean {
    this.#at += 1;
    const rest = this.#text.slice(this.#at, this.#at + OPENING_CHARACTERS_MAX);
    const flags = INLINE_FLAGS.exec(rest)?.[0];
    if (flags !== undefined) {
      this.#at += flags.length;
      return true;
    }
    const [opening, name] = GROUP_OPENING.exec(rest) ?? [""];
    if (opening === "" && rest.startsWith("?")) return false;
    if (name !== undefined) {
      if (this.#names.has(name)) return false;
      this.#names.add(name);
    }
    this.#at += opening.length;
    const looksBehind = opening === "?<=" || opening === "?<!";
    this.#open.push(looksBehind || this.#open.at(-1) === true);
    return true;
  }

  /** `*`, `+`, `?` or a count, then `?` (reluctant) or `+` (possessive); or none of it. */
  #quantifier(of?: "of a group"): boolean {
    const character = this.#text[this.#at] ?? "";
    if (character === "" || !"*+?{".includes(character)) return true;
    let isBounded = character === "?";
    if (character === "{") {
      const counts = this.#match(COUNTED);
      if (counts === null) return false;
      const [, low = "", range, high = ""] = counts;
      isBounded = range === undefined || high !== "";
      if (Number(low) > INT_MAX || Number(high) > INT_MAX) return false;
      if (high !== "" && Number(high) < Number(low)) return false;
    } else this.#at += 1;
    if (!isBounded && of === "of a group" && this.#open.at(-1) === true) return false;
    if (this.#text[this.#at] === "?" || this.#text[this.#at] === "+") this.#at += 1;
    return true;
  }

  #isQuoted(): boolean {
    return this.#text.startsWith("\\Q", this.#at);
  }

  /** Up to `\E` or the end. A quantifier behind it repeats the last character. */
  #quotation(): boolean {
    const end = this.#text.indexOf("\\E", this.#at);
    const isEmpty = end === this.#at + 2;
    this.#at = end < 0 ? this.#text.length : end + 2;
    return isEmpty || this.#quantifier();
  }

  #escape(): boolean {
    this.#at += 1;
    if (this.#match(ESCAPE) !== null) return true;
    const reference = this.#match(NAMED_BACK_REFERENCE)?.[1];
    if (reference !== undefined) return this.#names.has(reference);
    const property = this.#match(PROPERTY);
    return property !== null && isProperty(property[1] ?? property[2] ?? "");
  }

  /** With classes inside it and intersections; the first bracket that could close it stands for itself. */
  #characterClass(): boolean {
    let depth = 0;
    let isFirst = false;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? "";
      if (character === "[") {
        this.#at += this.#text[this.#at + 1] === "^" ? 2 : 1;
        depth += 1;
        isFirst = true;
        continue;
      }
      if (character === "]" && !isFirst) {
        this.#at += 1;
        depth -= 1;
        if (depth === 0) return true;
        continue;
      }
      isFirst = false;
      if (character === "\\") {
        if (this.#isQuoted()) this.#quotation();
        else if (!this.#escape()) return false;
        continue;
      }
      // What stands for many characters ends no range.
      if (/^-\\[dDhHsSvVwWpP]/.test(this.#text.slice(this.#at + 1, this.#at + 4))) return false;
      const upTo = this.#text[this.#at + 2] ?? "";
      const isRange = this.#text[this.#at + 1] === "-" && upTo !== "" && !"[]\\".includes(upTo);
      if (isRange && upTo < character) return false;
      this.#at += isRange ? 3 : 1;
    }
    return false;
  }

  /** At this place, and then moves behind it. */
  #match(expression: RegExp): RegExpExecArray | null {
    const sticky = new RegExp(expression);
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }
}

function isProperty(name: string): boolean {
  if (POSIX_CLASS.test(name) || JAVA_CLASS.test(name)) return true;
  const plain = name.replace(/^Is/, "");
  if (name.startsWith("In")) return true;
  if (plain !== name && BINARY_PROPERTY.test(plain)) return true;
  const scripts = plain !== name || /^(?:script|sc)=/i.test(name);
  const script = plain.replace(/^(?:script|sc)=/i, "");
  return (
    isUnicodeProperty(plain.replace(/^(?:general_category|gc)=/i, "")) ||
    (scripts && isUnicodeProperty(`Script=${script}`))
  );
}

function isUnicodeProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, "u").test("") || true;
  } catch {
    return false;
  }
}

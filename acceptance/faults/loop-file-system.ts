// A file system of its own in an image file behind a loop device, whose power can be cut: by the shutdown
// ioctl of ext4 and xfs (0x8004587d, without flushing the journal). In one step, under its own locks, nothing
// that is only in the page cache or in the journal's memory reaches the image any more; every write and sync
// fails with EIO. So the image holds what a disk holds at one moment, with nothing frozen, copied or raced.
// Mounted again, the journal replays: what had been synced is there, and what the kernel happened to write.
// (kill -9 loses none of it: the page cache outlives a process.) dm-flakey does the same a layer below, where
// there is a device mapper. Not shown: disks that lie about a cache of their own.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** Kinds that know the shutdown ioctl. */
export type FileSystemType = "ext4" | "xfs";

const IMAGE_BYTES: Readonly<Record<FileSystemType, number>> = { ext4: 256 << 20, xfs: 320 << 20 };
const MAKE_ARGUMENTS: Readonly<Record<FileSystemType, readonly string[]>> = {
  ext4: ["-q", "-F", "-m", "0"],
  xfs: ["-q", "-f"],
};
/** What is drawn from at each mount; `data=writeback` lets the size of a file outrun its bytes. */
const MOUNT_OPTIONS: Readonly<Record<FileSystemType, readonly string[]>> = {
  ext4: ["data=ordered", "data=writeback", "nodelalloc", "commit=1"],
  xfs: ["defaults"],
};
const SHUTDOWN =
  'open(my $d,"<",$ARGV[0]) or die $!; my $how=pack("L",2); ioctl($d,0x8004587d,$how) or die $!;';
const UNMOUNT_ATTEMPTS_MAX = 100;
const UNMOUNT_PAUSE_MS = 50;

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
}

/** A file system that can lose its power. */
export class LoopFileSystem {
  readonly #type: FileSystemType;
  readonly #image: string;
  readonly path: string;
  readonly #below: (bound: number) => number;
  #isMounted = false;

  /** Makes and mounts it at `directory`/data; throws when this machine does not let it. `below` draws. */
  constructor(type: FileSystemType, directory: string, below: (bound: number) => number) {
    this.#type = type;
    this.#image = join(directory, "image");
    this.path = join(directory, "data");
    this.#below = below;
    writeFileSync(this.#image, "");
    truncateSync(this.#image, IMAGE_BYTES[type]);
    run(`mkfs.${type}`, ...MAKE_ARGUMENTS[type], this.#image);
    mkdirSync(this.path);
    this.#mount();
  }

  /** Syncs what the kernel might have written by itself, then takes the power away. */
  cutPower(): void {
    if (this.#below(2) === 0) this.#writeSome();
    run("perl", "-e", SHUTDOWN, this.path);
  }

  /** After a cut, and once nobody has files open there. */
  async powerOn(): Promise<void> {
    await this.#unmount();
    this.#mount();
  }

  /** Takes all room but for some bytes. */
  fill(): void {
    const leftBytes = this.#below(200_000);
    const { bavail, bsize } = statfsSync(this.path);
    spawnSync("fallocate", ["-l", String(Math.max(bavail * bsize - leftBytes, bsize)), this.#filler]);
  }

  /** Gives it back. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  async dispose(): Promise<void> {
    await this.#unmount();
    rmSync(this.#image, { force: true });
  }

  get #filler(): string {
    return join(this.path, "filler");
  }

  /** Syncs all or some of the files, as the kernel may at any time. Files come and go meanwhile. */
  #writeSome(): void {
    const oneIn = 1 + this.#below(4);
    for (const directory of [this.path, ...directoriesIn(this.path)]) {
      for (const name of namesIn(directory)) {
        if (this.#below(oneIn) === 0) syncFile(join(directory, name));
      }
    }
  }

  #mount(): void {
    const options = MOUNT_OPTIONS[this.#type];
    const option = options[this.#below(options.length)] as string;
    run("mount", "-t", this.#type, "-o", `loop,${option}`, this.#image, this.path);
    this.#isMounted = true;
  }

  async #unmount(): Promise<void> {
    if (!this.#isMounted) return;
    for (let attempt = 0; ; attempt++) {
      try {
        run("umount", this.path);
        break;
      } catch (error) {
        // A process that was just killed may still have files open.
        if (attempt >= UNMOUNT_ATTEMPTS_MAX) throw error;
        await new Promise((done) => setTimeout(done, UNMOUNT_PAUSE_MS));
      }
    }
    this.#isMounted = false;
  }
}

function namesIn(directory: string): string[] {
  return unlessGone(() => readdirSync(directory)) ?? [];
}

/** Log directories, and those of partitions in them. */
function directoriesIn(path: string): string[] {
  const isDirectory = (each: string): boolean => unlessGone(() => statSync(each).isDirectory()) === true;
  const found = namesIn(path)
    .map((name) => join(path, name))
    .filter(isDirectory);
  return found.flatMap((each) => [each, ...directoriesIn(each)]);
}

function syncFile(path: string): void {
  unlessGone(() => {
    const file = openSync(path, "r");
    fdatasyncSync(file);
    closeSync(file);
  });
}

/** Null when the file or directory is not there any more. */
function unlessGone<Result>(look: () => Result): Result | null {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Programs without which there is no such file system. */
export const loopPrograms: readonly string[] = ["mount", "umount", "losetup", "fallocate", "perl"];

/** Why this machine cannot mount images whose power can be cut; null: it can. */
export async function whyNoLoopFileSystem(type: FileSystemType, directory: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return "it needs root, for mount";
  const missing = [...loopPrograms, `mkfs.${type}`].filter(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0,
  );
  if (missing.length > 0) return `${missing.join(", ")} not installed`;
  let fileSystem: LoopFileSystem | null = null;
  try {
    fileSystem = new LoopFileSystem(type, directory, () => 0);
    fileSystem.cutPower();
    return null;
  } catch (error) {
    return `this machine does not let it: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await fileSystem?.dispose();
    rmSync(directory, { recursive: true, force: true });
  }
}

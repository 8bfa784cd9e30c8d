import { Problem } from '../../base/problem.ts'

/** There are no binaries here, or they cannot run. `reason` completes "cannot run on …:". */
export const unsupportedPlatform = (details: { platform: string; reason: string; cause?: unknown }): Problem =>
  new Problem({
    code: 'embedded-unsupported-platform',
    what: `The embedded PostgreSQL cannot run on ${details.platform}: ${details.reason}.`,
    remedy:
      'Run "npm ci" without --omit=optional on Linux (glibc) or macOS; on Windows use WSL 2, on Alpine an image with glibc.',
    cause: details.cause,
  })

/** The file is there and yet "not found" (ENOENT): its loader is missing, which is how a musl system answers. */
export const foreignBinaries = (): Problem =>
  unsupportedPlatform({
    platform: `${process.platform}-${process.arch}`,
    reason: 'its binaries need the GNU C library, which this system does not have',
  })

/** `folder` cannot be made, entered or changed; the cause's code goes into the message. */
export const folderNotWritable = (details: { folder: string; cause?: unknown }): Problem =>
  new Problem({
    code: 'folder-not-writable',
    what: `The folder ${details.folder} cannot be written${reasonOf(details.cause)}.`,
    where: details.folder,
    remedy: 'Give your user the folder (chown), or choose another place for .premortem.',
    cause: details.cause,
  })

/** Too little room where `folder` lies; with figures when they were measured beforehand. */
export const diskFull = (details: { folder: string; availableBytes?: number; neededBytes?: number }): Problem => {
  const figures =
    details.availableBytes === undefined || details.neededBytes === undefined
      ? ''
      : `: ${megabytes(details.availableBytes)} MB free, ${megabytes(details.neededBytes)} MB needed`
  return new Problem({
    code: 'disk-full',
    what: `The disk of ${details.folder} has too little room for PostgreSQL${figures}.`,
    where: details.folder,
    remedy: 'Free some disk space (the folder .premortem may be deleted: it is rebuilt), then run the command again.',
    retriable: true,
  })
}

/** `port` is taken; by a process that this user may not see when `holder` is undefined. */
export const portBusy = (details: { port: number; holder: { pid: number; command: string } | undefined }): Problem => {
  const { port, holder } = details
  const who =
    holder === undefined ? 'a process that this user may not see' : `process ${holder.pid} (${holder.command})`
  return new Problem({
    code: 'port-busy',
    what: `Port ${port} on 127.0.0.1 is taken by ${who}.`,
    where: `127.0.0.1:${port}`,
    remedy: 'End that process, choose another port, or give none: a free one is then chosen.',
    retriable: true,
  })
}

/** `pid`, another process or this one, has the data in `folder`. */
export const dataDirectoryInUse = (details: { folder: string; pid: number; command?: string | undefined }): Problem =>
  new Problem({
    code: 'data-directory-in-use',
    what:
      details.pid === process.pid
        ? `The database in ${details.folder} is already started by this process (${details.pid}).`
        : `The database in ${details.folder} is in use by process ${details.pid}${details.command ? ` (${details.command})` : ''}.`,
    where: details.folder,
    remedy: 'Wait for that process to end, or end it; to run both at once give each its own folder.',
    retriable: true,
  })

/** PostgreSQL gave up. `doing` completes "failed while …", `lastLines` is what it wrote last. */
export const serverStartFailed = (details: {
  doing: string
  logFile?: string
  lastLines: string
  cause?: unknown
}): Problem =>
  new Problem({
    code: 'server-start-failed',
    what: `PostgreSQL failed while ${details.doing}${details.lastLines === '' ? '' : `:\n${details.lastLines}`}`,
    ...(details.logFile === undefined ? {} : { where: details.logFile }),
    remedy: 'Read the last lines above: they name the reason. A setting that PostgreSQL refuses is the usual one.',
    cause: details.cause,
  })

/** PostgreSQL would have to run as root, or as a user without a name. */
export const noUnprivilegedWay = (details: { reason: string }): Problem =>
  new Problem({
    code: 'embedded-no-unprivileged-user',
    what: `PostgreSQL refuses to run as root, and no other way was found: ${details.reason}.`,
    remedy: 'Run the command as an ordinary user that /etc/passwd names, or allow user namespaces.',
  })

/** initdb and postgres tell a full disk by this text, whatever they were doing. */
export const tellsOfFullDisk = (output: string): boolean => output.includes('No space left on device')

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''

const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024)

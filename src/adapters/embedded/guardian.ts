import { spawn } from 'node:child_process'

/** A shell that reads a line and exits; only one that is stopped or starved takes longer. */
const DISMISSAL_MS = 3_000

/** The shell that ends a server whose owner is gone. */
export interface Guardian {
  readonly pid: number | undefined
  /** Tells it that its work is done, and resolves when it is gone. */
  dismiss(): Promise<void>
}

/**
 * Reads from the parent's pipe: a line means "dismissed", the end of the pipe means that the parent is gone, however
 * it went. Then it ends the server (INT = fast, QUIT = immediate, KILL), but only ever a process that `postmaster.pid`
 * names with the pid it was given: a later server on the same data directory has another one.
 */
const SCRIPT = `
pid=$1; file=$2/postmaster.pid
read -r word && exit 0
named() { read -r first < "$file" && [ "$first" = "$pid" ]; }
end_with() {
  sent=no; waited=0
  while [ "$waited" -lt "$2" ]; do
    kill -0 "$pid" || exit 0
    if [ "$sent" = no ] && named; then kill -s "$1" "$pid"; sent=yes; fi
    sleep 1; waited=$((waited + 1))
  done
}
end_with INT 8; end_with QUIT 5; end_with KILL 2
`

/**
 * Starts a small shell, in a session of its own, that outlives this process by the few seconds it needs to end the
 * server: this is what makes kill -9 of the parent leave nothing behind.
 */
export function startGuardian(server: { readonly pid: number; readonly dataDirectory: string }): Guardian {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'premortem-guardian', String(server.pid), server.dataDirectory], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    // No guardian is no reason to refuse the server: the next start finds an orphan by itself.
    child.once('error', () => resolve())
  })
  // Its pipe breaks when somebody kills the guardian; there is nothing to be told then.
  child.stdin.on('error', () => undefined)
  child.unref()
  return {
    pid: child.pid,
    dismiss: async () => {
      if (child.stdin.writable) child.stdin.end('done\n')
      const late = setTimeout(() => child.kill('SIGKILL'), DISMISSAL_MS)
      await gone
      clearTimeout(late)
    },
  }
}

import { figure } from '../../wording.ts'

/** `1.2 GB`, `35 MB`, `8 kB`: powers of ten. */
export function figureBytes(bytes: number): string {
  if (bytes >= 1e9) return `${figure(bytes / 1e9)} GB`
  return bytes >= 1e6 ? `${figure(bytes / 1e6)} MB` : `${figure(bytes / 1e3)} kB`
}

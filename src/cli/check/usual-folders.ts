import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Looked for in this order where no path is given or configured. */
const USUAL_FOLDERS = [
  'migrations',
  'db/migrations',
  'db/migrate',
  'database/migrations',
  'supabase/migrations',
  'prisma/migrations',
  'deploy',
  'sql/migrations',
  'src/migrations',
]

/** The folder that migrations usually lie in; `.` where there is none. */
export const usualFolder = (folder: string): string => USUAL_FOLDERS.find((one) => existsSync(join(folder, one))) ?? '.'

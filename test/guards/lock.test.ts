/** `npm ci` refuses a lock file that leaves a package out, even one for another platform; `npm install` writes such. */
import { describe, expect, it } from 'vitest'
import { textOf } from '../tidy/tree.ts'

interface Locked {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly hasInstallScript?: boolean
}

type Packages = Readonly<Record<string, Locked>>

/** The folders in which a package's own requirements are looked for: its own, then whoever holds it, up to the root. */
function holders(path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/node_modules/')
  return [...parts.map((_, index) => `${parts.slice(0, index + 1).join('/node_modules/')}/`), '']
}

const isLocked = (packages: Packages, from: string, name: string): boolean =>
  holders(from).some((holder) => packages[`${holder}node_modules/${name}`] !== undefined)

const missing = (packages: Packages) =>
  Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${name} of ${path}`),
  )

describe('package-lock.json', () => {
  const { packages }: { packages: Packages } = JSON.parse(textOf('package-lock.json'))

  it('holds every package of every platform, so that npm ci works on all', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(200)
    expect(missing(packages), 'Take the entries of these from the commit before, with their new version.').toEqual([])
  })

  it('is found wanting when the package of another platform is left out', () => {
    const tool = 'node_modules/tool'
    const locked = { [tool]: { optionalDependencies: { 'tool-darwin': '1.0.0', 'tool-linux': '1.0.0' } } }
    expect(missing({ ...locked, 'node_modules/tool-linux': {} })).toEqual(['tool-darwin of node_modules/tool'])
    expect(missing({ ...locked, 'node_modules/tool-linux': {}, [`${tool}/node_modules/tool-darwin`]: {} })).toEqual([])
  })

  it('brings no install script that package.json does not allow', () => {
    const { allowScripts }: { allowScripts: Readonly<Record<string, boolean>> } = JSON.parse(textOf('package.json'))
    const scripts = Object.entries(packages)
      .filter(([, locked]) => locked.hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(scripts.filter((name) => allowScripts[name] !== true)).toEqual([])
    expect(Object.keys(allowScripts).filter((name) => !scripts.includes(name))).toEqual([])
  })
})

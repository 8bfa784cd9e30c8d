import { defineConfig } from 'vitest/config'

/** Where .ci/run wants the counts, besides what is printed. */
const report = process.env.PREMORTEM_TEST_REPORT

/** Tests outside src that need no server and mind no neighbour. */
const WITHOUT_SERVERS = '{guards,tidy,docs,check-report,config,init,lint}'

const FIXTURES = ['test/guards/fixtures/**', 'node_modules/**']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    ...(report ? { reporters: ['default', 'json'], outputFile: { json: report } } : {}),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', `test/${WITHOUT_SERVERS}/**/*.test.ts`],
          exclude: FIXTURES,
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          // Real servers and processes, after the rest and one file at a time: none may steal another's processor time.
          name: 'system',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: [...FIXTURES, `test/${WITHOUT_SERVERS}/**`],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
})

/** What a drill leaves behind and prints. */
export { finalTable, numbersLines } from './terminal.ts'
export { type ActRecord, type DrillFiles, type DrillPaths, drillPaths, writeDrillFiles } from './write.ts'

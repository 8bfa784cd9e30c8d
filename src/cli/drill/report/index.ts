/** What a drill leaves behind and prints. */
export { finalTable, numbersLines } from './terminal.ts'
export { type DrillFiles, drillPaths, writeDrillFiles } from './write.ts'

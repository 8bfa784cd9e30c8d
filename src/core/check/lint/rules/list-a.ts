import type { LintRule } from '../rule.ts'
import { addingForeignKeyWithoutNotValid } from './adding-foreign-key-without-not-valid.ts'
import { alterTablesToCombine } from './alter-tables-to-combine.ts'
import { attachPartitionWithoutCheck } from './attach-partition-without-check.ts'
import { checkWithoutNotValid } from './check-without-not-valid.ts'
import { columnTypeChange } from './column-type-change.ts'
import { concurrentIndexOnPartitionedTable } from './concurrent-index-on-partitioned-table.ts'
import { concurrentlyInTransaction } from './concurrently-in-transaction.ts'
import { detachPartitionWithoutConcurrently } from './detach-partition-without-concurrently.ts'
import { dropIndexWithoutConcurrently } from './drop-index-without-concurrently.ts'
import { enumType } from './enum-type.ts'
import { exclusionConstraintOnExistingTable } from './exclusion-constraint-on-existing-table.ts'
import { foreignKeyNotValidOnPartitionedTable } from './foreign-key-not-valid-on-partitioned-table.ts'
import { foreignKeyWithoutIndex } from './foreign-key-without-index.ts'
import { indexWithoutConcurrently } from './index-without-concurrently.ts'
import { leftoverInvalidIndex } from './leftover-invalid-index.ts'
import { missingLockTimeout } from './missing-lock-timeout.ts'
import { missingStatementTimeout } from './missing-statement-timeout.ts'
import { primaryKeyIndexOnNullableColumn } from './primary-key-index-on-nullable-column.ts'
import { primaryKeyWithoutIndex } from './primary-key-without-index.ts'
import { reindexWithoutConcurrently } from './reindex-without-concurrently.ts'
import { requiredColumnWithoutDefault } from './required-column-without-default.ts'
import { serialColumnOnExistingTable } from './serial-column-on-existing-table.ts'
import { setNotNullScansTable } from './set-not-null-scans-table.ts'
import { storedGeneratedColumn } from './stored-generated-column.ts'
import { tableStorageRewrite } from './table-storage-rewrite.ts'
import { uniqueConstraintWithoutIndex } from './unique-constraint-without-index.ts'
import { uniqueIndexMayFail } from './unique-index-may-fail.ts'
import { vacuumFullOrCluster } from './vacuum-full-or-cluster.ts'
import { validateInSameTransaction } from './validate-in-same-transaction.ts'
import { volatileColumnDefault } from './volatile-column-default.ts'
import { workAfterExclusiveLock } from './work-after-exclusive-lock.ts'

/** Rules about locks, work under locks, and transactions. */
export const LIST_A: readonly LintRule[] = [
  indexWithoutConcurrently,
  concurrentIndexOnPartitionedTable,
  dropIndexWithoutConcurrently,
  concurrentlyInTransaction,
  reindexWithoutConcurrently,
  detachPartitionWithoutConcurrently,
  attachPartitionWithoutCheck,
  vacuumFullOrCluster,
  leftoverInvalidIndex,
  addingForeignKeyWithoutNotValid,
  foreignKeyNotValidOnPartitionedTable,
  foreignKeyWithoutIndex,
  checkWithoutNotValid,
  validateInSameTransaction,
  uniqueConstraintWithoutIndex,
  uniqueIndexMayFail,
  exclusionConstraintOnExistingTable,
  primaryKeyWithoutIndex,
  primaryKeyIndexOnNullableColumn,
  setNotNullScansTable,
  requiredColumnWithoutDefault,
  volatileColumnDefault,
  serialColumnOnExistingTable,
  storedGeneratedColumn,
  columnTypeChange,
  tableStorageRewrite,
  missingLockTimeout,
  missingStatementTimeout,
  workAfterExclusiveLock,
  alterTablesToCombine,
  enumType,
]

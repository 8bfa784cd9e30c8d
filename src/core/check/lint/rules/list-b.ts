import type { LintRule } from '../rule.ts'
import { alterDomainAddConstraint } from './alter-domain-add-constraint.ts'
import { backfillWithSchemaChange } from './backfill-with-schema-change.ts'
import { cannotRunInTransaction } from './cannot-run-in-transaction.ts'
import { charColumn } from './char-column.ts'
import { columnAlignmentPadding } from './column-alignment-padding.ts'
import { disableRowSecurity } from './disable-row-security.ts'
import { disableTrigger } from './disable-trigger.ts'
import { domainWithConstraint } from './domain-with-constraint.ts'
import { dropColumn } from './drop-column.ts'
import { dropDatabase } from './drop-database.ts'
import { dropForeignKey } from './drop-foreign-key.ts'
import { dropNotNull } from './drop-not-null.ts'
import { dropSchema } from './drop-schema.ts'
import { dropTable } from './drop-table.ts'
import { dropUsedIndex } from './drop-used-index.ts'
import { dropUsedView } from './drop-used-view.ts'
import { duplicateColumnAssignment } from './duplicate-column-assignment.ts'
import { dynamicSql } from './dynamic-sql.ts'
import { enumValueOrder } from './enum-value-order.ts'
import { grantToPublic } from './grant-to-public.ts'
import { identifierTooLong } from './identifier-too-long.ts'
import { indexCorruptionVersion } from './index-corruption-version.ts'
import { integerId } from './integer-id.ts'
import { jsonColumn } from './json-column.ts'
import { missingAnalyze } from './missing-analyze.ts'
import { nestedTransaction } from './nested-transaction.ts'
import { noPrimaryKey } from './no-primary-key.ts'
import { notRerunnable } from './not-rerunnable.ts'
import { refreshMaterializedView } from './refresh-materialized-view.ts'
import { renameColumn } from './rename-column.ts'
import { renameEnumValue } from './rename-enum-value.ts'
import { renameSchema } from './rename-schema.ts'
import { renameTable } from './rename-table.ts'
import { rowSecurityWithoutPolicy } from './row-security-without-policy.ts'
import { securityDefinerSearchPath } from './security-definer-search-path.ts'
import { sequenceNearEnd } from './sequence-near-end.ts'
import { serialColumn } from './serial-column.ts'
import { timestampWithoutTimeZone } from './timestamp-without-time-zone.ts'
import { truncateCascade } from './truncate-cascade.ts'
import { unbatchedWrite } from './unbatched-write.ts'
import { uncommittedTransaction } from './uncommitted-transaction.ts'
import { unqualifiedName } from './unqualified-name.ts'
import { varcharWithLimit } from './varchar-with-limit.ts'
import { wideIndex } from './wide-index.ts'

/** Data, names, types, transactions, rights and statistics; in the order of the alphabet. */
export const LIST_B: readonly LintRule[] = [
  alterDomainAddConstraint,
  backfillWithSchemaChange,
  cannotRunInTransaction,
  charColumn,
  columnAlignmentPadding,
  disableRowSecurity,
  disableTrigger,
  domainWithConstraint,
  dropColumn,
  dropDatabase,
  dropForeignKey,
  dropNotNull,
  dropSchema,
  dropTable,
  dropUsedIndex,
  dropUsedView,
  duplicateColumnAssignment,
  dynamicSql,
  enumValueOrder,
  grantToPublic,
  identifierTooLong,
  indexCorruptionVersion,
  integerId,
  jsonColumn,
  missingAnalyze,
  nestedTransaction,
  noPrimaryKey,
  notRerunnable,
  refreshMaterializedView,
  renameColumn,
  renameEnumValue,
  renameSchema,
  renameTable,
  rowSecurityWithoutPolicy,
  securityDefinerSearchPath,
  sequenceNearEnd,
  serialColumn,
  timestampWithoutTimeZone,
  truncateCascade,
  unbatchedWrite,
  uncommittedTransaction,
  unqualifiedName,
  varcharWithLimit,
  wideIndex,
]

/** Tests of the transaction coordinator, alone and together with the partitions' own rules. */
@NullMarked
package io.millrace.broker.transaction;

import org.jspecify.annotations.NullMarked;

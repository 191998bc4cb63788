/** Tests of {@code io.millrace.broker.group}. */
@NullMarked
package io.millrace.broker.group.shard;

import org.jspecify.annotations.NullMarked;

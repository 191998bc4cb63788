/**
 * What stands between a voter and its connections to the others: looks at what is sent and what is
 * answered. Called on the threads of Kafka's consensus; a connect that is tried has its own.
 */
@NullMarked
package io.millrace.cluster.quorum.raft.channel;

import org.jspecify.annotations.NullMarked;

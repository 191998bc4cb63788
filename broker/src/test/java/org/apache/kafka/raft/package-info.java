/** What of a simulation must live in Kafka's package: it reaches a constructor of it. */
@NullMarked
package org.apache.kafka.raft;

import org.jspecify.annotations.NullMarked;

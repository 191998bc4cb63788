/**
 * The lab's producers and consumers: stock Kafka clients, a thread each, that keep a guarantee and
 * note what they see in their row's journal. {@link io.millrace.bench.lab.client.Tally} and {@link
 * io.millrace.bench.lab.client.Guarantee} are pure.
 */
@NullMarked
package io.millrace.bench.lab.client;

import org.jspecify.annotations.NullMarked;

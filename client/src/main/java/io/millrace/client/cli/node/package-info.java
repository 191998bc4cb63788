/**
 * The nodes of a cluster and what is done with them: what each holds, where its replicas go, and
 * whether it votes. Runs on the thread of the command, and blocks. May use Kafka's admin client and
 * cli.text.
 */
@NullMarked
package io.millrace.client.cli.node;

import org.jspecify.annotations.NullMarked;

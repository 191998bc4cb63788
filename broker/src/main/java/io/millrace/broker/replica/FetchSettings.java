package io.millrace.broker.replica;

/**
 * How followers fetch.
 *
 * @param self this node
 * @param maxWaitMs {@code replica.fetch.wait.max.ms}: how long a leader may wait for records
 * @param maxBytes {@code replica.fetch.response.max.bytes}: of one answer
 * @param partitionMaxBytes {@code replica.fetch.max.bytes}: of one partition in it
 * @param backoffMs {@code replica.fetch.backoff.ms}: after a failure
 * @param readByConsumers whether a follower is to hear at once of what is committed
 */
public record FetchSettings(
        int self,
        int maxWaitMs,
        int maxBytes,
        int partitionMaxBytes,
        int backoffMs,
        boolean readByConsumers) {}

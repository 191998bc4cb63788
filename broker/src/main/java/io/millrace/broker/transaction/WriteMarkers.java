package io.millrace.broker.transaction;

import java.util.List;

/**
 * The coordinator's one effect: each partition is to end the transaction, and to be answered for by
 * a {@link MarkerAnswer}, once.
 *
 * @param producer with the epoch that the markers have
 * @param raisesEpoch whether that is newer than the one the transaction was written in
 */
public record WriteMarkers(
        String transactionalId,
        ProducerIdentity producer,
        boolean commit,
        boolean raisesEpoch,
        List<Participant> participants) {}

package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.raft.Proposals.Proposal;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.raft.Batch;
import org.apache.kafka.server.common.OffsetAndEpoch;

/** Committed batches on their way to the listener, and the proposals that they decide. */
final class CommittedBatches {
    private final Proposals proposals;
    private final List<MetadataRecord> records = new ArrayList<>();
    private final List<Proposal> kept = new ArrayList<>();
    private final List<Proposal> lost = new ArrayList<>();
    private OffsetAndEpoch end = new OffsetAndEpoch(0, 0);
    private long timestampMs;
    private boolean hasVersion;

    CommittedBatches(Proposals proposals) {
        this.proposals = proposals;
    }

    /** Adds the next. Another leader's batch at a proposal's offset means that this is lost. */
    void add(Batch<MetadataRecord> batch) {
        records.addAll(batch.records());
        end = new OffsetAndEpoch(batch.lastOffset() + 1, batch.epoch());
        timestampMs = batch.appendTimestamp();
        hasVersion |=
                batch.controlRecords().stream()
                        .anyMatch(record -> record.type() == ControlRecordType.KRAFT_VERSION);
        for (Proposal decided : proposals.decidedBy(batch.lastOffset())) {
            (decided.epoch() == batch.epoch() ? kept : lost).add(decided);
        }
    }

    boolean isEmpty() {
        return end.offset() == 0;
    }

    /** Whether the quorum's version is among them. */
    boolean hasVersion() {
        return hasVersion;
    }

    List<MetadataRecord> records() {
        return records;
    }

    OffsetAndEpoch end() {
        return end;
    }

    long timestampMs() {
        return timestampMs;
    }

    /** Completes the proposals; after the listener was told. */
    void settle(NotControllerException cause) {
        kept.forEach(proposal -> proposal.committed().complete(proposal.lastOffset() + 1));
        lost.forEach(proposal -> proposal.committed().completeExceptionally(cause));
    }
}

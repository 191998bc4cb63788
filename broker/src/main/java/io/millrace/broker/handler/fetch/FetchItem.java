package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.LogStarts;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.wire.SliceRecords;
import io.millrace.cluster.replication.LeaderReplica;
import io.millrace.cluster.replication.ReadReplica;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.EpochEnd;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch under way and what was read of it. Read on the partition's loop, used on
 * the connection's; handed over by the operation.
 */
final class FetchItem {
    private final FetchPartition wanted;
    private final @Nullable Partition partition;
    private PartitionData data;
    private long endWhenRead = -1;

    /**
     * @param missing why there is no partition; NONE if there is one
     */
    FetchItem(FetchPartition wanted, @Nullable Partition partition, Errors missing) {
        this.wanted = wanted;
        this.partition = partition;
        this.data = FetchResponse.partitionResponse(wanted.key().index(), missing);
    }

    FetchPartition wanted() {
        return wanted;
    }

    @Nullable Partition partition() {
        return partition;
    }

    PartitionData data() {
        return data;
    }

    int bytes() {
        return data.records() == null ? 0 : data.records().sizeInBytes();
    }

    /** Whether there may be more to read than there was. On the partition's loop. */
    boolean hasMore(Partition source, Reader reader) {
        if (reader.availability(source) != Errors.NONE) {
            return true;
        }
        long end = reader.isFollower() ? source.log().logEndOffset() : source.highWatermark();
        return end != endWhenRead
                || isBehind(reader, source.highWatermark())
                || startsBehind(reader, source.log().logStartOffset());
    }

    /** Whether a follower's log starts before its leader's, and it was not told so yet. */
    private boolean startsBehind(Reader reader, long logStart) {
        return reader.isFollower() && wanted.knownLogStart() < logStart;
    }

    /** Whether a follower that asks what is committed does not know it. */
    private boolean isBehind(Reader reader, long highWatermark) {
        return reader.isFollower() && wanted.knownHighWatermark() < highWatermark;
    }

    /** Whether it is answered without waiting for more. */
    boolean isUrgent(Reader reader) {
        return data.errorCode() != Errors.NONE.code()
                || FetchResponse.isDivergingEpoch(data)
                || FetchResponse.isPreferredReplica(data)
                || isBehind(reader, data.highWatermark())
                || startsBehind(reader, data.logStartOffset());
    }

    /** Reads on the partition's loop; returns how many bytes. */
    int read(Partition source, Reader reader, int maxBytes, boolean atLeastOneBatch) {
        Errors error = reader.availability(source);
        if (error == Errors.NONE) {
            error = LogErrors.epoch(source, wanted.wanted().currentLeaderEpoch());
        }
        if (error != Errors.NONE) {
            data = FetchResponse.partitionResponse(wanted.key().index(), error);
            return 0;
        }
        try {
            data = readLog(source, reader, maxBytes, atLeastOneBatch);
        } catch (StorageException e) {
            data = FetchResponse.partitionResponse(wanted.key().index(), LogErrors.of(e));
            if (reader.isFollower() && e instanceof OffsetOutOfRangeException range) {
                // Where the log is, so that the follower need not ask.
                data.setLogStartOffset(range.logStartOffset())
                        .setHighWatermark(range.logEndOffset());
            }
        }
        return bytes();
    }

    private PartitionData readLog(
            Partition source, Reader reader, int maxBytes, boolean atLeastOneBatch) {
        var answer =
                new PartitionData()
                        .setPartitionIndex(wanted.key().index())
                        .setHighWatermark(source.highWatermark())
                        .setLastStableOffset(source.lastStableOffset())
                        .setLogStartOffset(source.log().logStartOffset())
                        .setRecords(MemoryRecords.EMPTY);
        boolean committedOnly = reader.committedOnly();
        if (diverges(source, answer)) {
            return answer;
        }
        long end = reader.endOf(source);
        endWhenRead = reader.isFollower() ? end : source.highWatermark();
        if (reader.isFollower() && wanted.wanted().fetchOffset() <= source.log().logEndOffset()) {
            LogStarts.told(source, reader.follower(), wanted.wanted().logStartOffset());
            source.fetchedBy(reader.follower(), reader.nodeEpoch(), wanted.wanted().fetchOffset());
            answer.setHighWatermark(source.highWatermark());
            if (reader.throttle().holdsBack(source, reader.follower())) {
                return answer;
            }
        }
        Optional<ReadReplica> nearer = nearer(source, reader);
        if (nearer.isPresent()) {
            return answer.setPreferredReadReplica(nearer.get().node());
        }
        int limit = Math.max(0, Math.min(maxBytes, wanted.wanted().partitionMaxBytes()));
        LogSlice slice = source.read(wanted.wanted().fetchOffset(), end, limit, atLeastOneBatch);
        if (committedOnly) {
            try {
                answer.setAbortedTransactions(aborted(source, slice));
            } catch (StorageException e) {
                slice.release();
                throw e;
            }
        }
        if (reader.isFollower()) {
            reader.throttle().moved(source, reader.follower(), slice.sizeBytes());
        }
        if (slice.sizeBytes() > 0) {
            answer.setRecords(new SliceRecords(slice, slice.sizeBytes()));
        } else {
            slice.release();
        }
        return answer;
    }

    /** The follower that a consumer is to read from in the leader's place. */
    private Optional<ReadReplica> nearer(Partition source, Reader reader) {
        IntPredicate near = reader.near();
        LeaderReplica leads = source.leading();
        long offset = wanted.wanted().fetchOffset();
        return near == null || leads == null || offset < source.log().logStartOffset()
                ? Optional.empty()
                : ReadReplica.nearest(leads.readable(offset), source.terms().leader(), near);
    }

    private List<AbortedTransaction> aborted(Partition source, LogSlice slice) {
        if (slice.sizeBytes() == 0) {
            return List.of();
        }
        return source
                .log()
                .transactions()
                .aborted(wanted.wanted().fetchOffset(), slice.endOffset())
                .stream()
                .map(each ->
                        new AbortedTransaction()
                                .setProducerId(each.producerId())
                                .setFirstOffset(each.firstOffset()))
                .toList();
    }

    /** Whether the reader's log has parted from ours before the offset it asks for (KIP-595). */
    private boolean diverges(Partition source, PartitionData answer) {
        int lastFetchedEpoch = wanted.wanted().lastFetchedEpoch();
        if (lastFetchedEpoch < 0) {
            return false;
        }
        EpochEnd end = source.log().endOfEpoch(lastFetchedEpoch);
        boolean diverges =
                end.epoch() < lastFetchedEpoch || end.endOffset() < wanted.wanted().fetchOffset();
        if (diverges) {
            answer.setDivergingEpoch(
                    new EpochEndOffset().setEpoch(end.epoch()).setEndOffset(end.endOffset()));
        }
        return diverges;
    }

    /** Cuts what was read to {@code maxBytes}: a partial last batch is the protocol's custom. */
    void limitTo(int maxBytes) {
        if (bytes() > maxBytes && data.records() instanceof SliceRecords records) {
            if (maxBytes > 0) {
                data.setRecords(new SliceRecords(records.slice(), maxBytes));
            } else {
                drop();
            }
        }
    }

    /** Gives back what was read. */
    void drop() {
        if (data.records() instanceof SliceRecords records) {
            records.slice().release();
            data.setRecords(MemoryRecords.EMPTY);
        }
    }
}

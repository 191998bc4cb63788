package io.millrace.broker.coordinator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.LogSlice;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import java.nio.ByteBuffer;

/**
 * Reads a machine from its partition's log, some at a time, so that the loop's other partitions go
 * on meanwhile. On the partition's loop.
 *
 * @param <S> the machine
 */
final class ShardLoad<S extends Machine<?, ?, ?, ?>> {
    private final Partition partition;
    private final S machine;
    private final int stepBytes;
    private final RecordBatchView view = new RecordBatchView();
    private long offset;

    /**
     * @param machine knows nothing yet
     * @param stepBytes of the log that one step reads; at least one batch
     */
    ShardLoad(Partition partition, S machine, int stepBytes) {
        this.partition = partition;
        this.machine = machine;
        this.stepBytes = stepBytes;
        this.offset = partition.log().logStartOffset();
    }

    S machine() {
        return machine;
    }

    /** Exclusive end of what was read. */
    long endOffset() {
        return offset;
    }

    /**
     * Reads some more; says whether all of the log has been read.
     *
     * @throws io.millrace.storage.StorageException if it cannot be read
     * @throws InvalidProtocolBufferException if a record cannot be decoded
     */
    boolean step() throws InvalidProtocolBufferException {
        long end = partition.log().logEndOffset();
        if (offset >= end) {
            return true;
        }
        LogSlice slice = partition.read(offset, end, stepBytes, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        int position = 0;
        while (bytes.limit() - position >= RecordBatchView.HEADER_BYTES
                && view.wrap(bytes, position).sizeBytes() <= bytes.limit() - position) {
            replay(view);
            offset = view.lastOffset() + 1;
            position += view.sizeBytes();
        }
        return position == 0 || offset >= end;
    }

    private void replay(RecordBatchView batch) throws InvalidProtocolBufferException {
        long nowMs = partition.loop().nowMs();
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                ByteBuffer key = record.key();
                if (key != null) {
                    machine.replay(StoredRecord.read(key, record.value()), nowMs);
                }
            }
        }
    }
}

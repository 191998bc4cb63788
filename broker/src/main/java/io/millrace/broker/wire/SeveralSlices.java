package io.millrace.broker.wire;

import java.util.List;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Records of an answer that lie apart in their segment files, one part after the other. Owns its
 * parts' holds.
 *
 * @param parts each of whole batches
 */
public record SeveralSlices(List<SliceRecords> parts) implements BaseRecords {
    public SeveralSlices {
        parts = List.copyOf(parts);
    }

    @Override
    public int sizeInBytes() {
        return parts.stream().mapToInt(SliceRecords::sizeInBytes).sum();
    }

    /** Gives up the records of an answer that nobody gets, wherever they lie. */
    public static void release(BaseRecords records) {
        switch (records) {
            case SliceRecords one -> one.slice().release();
            case SeveralSlices several -> several.parts().forEach(SeveralSlices::release);
            default -> {
                // It lies on the heap.
            }
        }
    }

    @Override
    public RecordsSend<SeveralSlices> toSend() {
        throw new IllegalStateException("written by ResponseEncoder, never by Kafka's own sender");
    }
}

package io.millrace.broker.wire;

import io.millrace.storage.LogSlice;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Records of a fetch answer that still lie in their segment file. Owns one hold on the slice, given
 * back when the answer has been written or dropped.
 *
 * @param sizeInBytes how much of the slice, from its start, is meant; at least 1
 */
public record SliceRecords(LogSlice slice, int sizeInBytes) implements BaseRecords {

    @Override
    public RecordsSend<SliceRecords> toSend() {
        throw new IllegalStateException("written by ResponseEncoder, never by Kafka's own sender");
    }
}

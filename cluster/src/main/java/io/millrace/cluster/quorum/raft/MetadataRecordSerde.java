package io.millrace.cluster.quorum.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.cluster.proto.MetadataRecord;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.server.common.serialization.RecordSerde;

/** Metadata records as the values of Kafka's: their Protobuf bytes and nothing else. */
final class MetadataRecordSerde implements RecordSerde<MetadataRecord> {
    @Override
    public int recordSize(MetadataRecord record, ObjectSerializationCache cache) {
        return record.getSerializedSize();
    }

    @Override
    public void write(MetadataRecord record, ObjectSerializationCache cache, Writable out) {
        out.writeByteArray(record.toByteArray());
    }

    @Override
    public MetadataRecord read(Readable in, int sizeBytes) {
        try {
            return MetadataRecord.parseFrom(in.readArray(sizeBytes));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a metadata record cannot be decoded", e);
        }
    }
}

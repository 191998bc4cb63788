package io.millrace.cluster.quorum.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchSnapshotResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.TransferableRecords;
import org.apache.kafka.common.record.internal.UnalignedMemoryRecords;
import org.jspecify.annotations.Nullable;

/** Reads the records of an answer out of their files, so that any server can write it. */
final class RecordsInMemory {
    private RecordsInMemory() {}

    /**
     * The same answer.
     *
     * @throws UncheckedIOException if the files cannot be read
     */
    static ApiMessage of(ApiMessage answer) {
        if (answer instanceof FetchResponseData fetched) {
            for (var topic : fetched.responses()) {
                topic.partitions().forEach(RecordsInMemory::read);
            }
        } else if (answer instanceof FetchSnapshotResponseData fetched) {
            for (var topic : fetched.topics()) {
                topic.partitions().forEach(RecordsInMemory::read);
            }
        }
        return answer;
    }

    private static void read(FetchResponseData.PartitionData partition) {
        ByteBuffer bytes = bytesOf(partition.records());
        if (bytes != null) {
            partition.setRecords(MemoryRecords.readableRecords(bytes));
        }
    }

    private static void read(FetchSnapshotResponseData.PartitionSnapshot partition) {
        ByteBuffer bytes = bytesOf(partition.unalignedRecords());
        if (bytes != null) {
            partition.setUnalignedRecords(new UnalignedMemoryRecords(bytes));
        }
    }

    /** The bytes of what is in a file; null if it is in memory, or nothing. */
    private static @Nullable ByteBuffer bytesOf(@Nullable BaseRecords records) {
        if (!(records instanceof TransferableRecords filed)
                || records instanceof MemoryRecords
                || records instanceof UnalignedMemoryRecords) {
            return null;
        }
        try {
            var memory = new MemoryChannel(filed.sizeInBytes());
            int sent = 0;
            while (sent < filed.sizeInBytes()) {
                sent += filed.writeTo(memory, sent, filed.sizeInBytes() - sent);
            }
            return memory.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

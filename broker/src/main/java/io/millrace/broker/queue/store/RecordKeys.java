package io.millrace.broker.queue.store;

import com.google.protobuf.ByteString;
import io.millrace.broker.proto.QueueRecordKey;
import io.millrace.broker.queue.model.QueueKey;
import java.nio.ByteBuffer;
import java.util.UUID;

/** The keys of a share partition's records. Stateless. */
final class RecordKeys {
    private static final int UUID_BYTES = 2 * Long.BYTES;

    private RecordKeys() {}

    static ByteString snapshot(QueueKey key) {
        return builder(key).setSnapshot(true).build().toByteString();
    }

    static ByteString delta(QueueKey key, int slot) {
        return builder(key).setDeltaSlot(slot).build().toByteString();
    }

    static ByteString page(QueueKey key, long page) {
        return builder(key).setPage(page).build().toByteString();
    }

    private static QueueRecordKey.Builder builder(QueueKey key) {
        ByteBuffer id =
                ByteBuffer.allocate(UUID_BYTES)
                        .putLong(key.topicId().getMostSignificantBits())
                        .putLong(key.topicId().getLeastSignificantBits())
                        .flip();
        return QueueRecordKey.newBuilder()
                .setGroup(key.group())
                .setTopicId(ByteString.copyFrom(id))
                .setPartition(key.partition());
    }

    static QueueKey read(QueueRecordKey stored) {
        ByteBuffer id = stored.getTopicId().asReadOnlyByteBuffer();
        var topicId =
                id.remaining() == UUID_BYTES
                        ? new UUID(id.getLong(), id.getLong())
                        : new UUID(0, 0);
        return new QueueKey(stored.getGroup(), topicId, stored.getPartition());
    }
}

package io.millrace.broker.handler.peer;

import com.google.protobuf.ByteString;
import io.millrace.broker.proto.QueueName;
import io.millrace.broker.proto.RecordTraits;
import io.millrace.broker.proto.Span;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.Traits;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** What calls and answers have in common, to and from messages. Stateless. */
final class Names {
    private static final int ID_BYTES = 16;

    private Names() {}

    static QueueName of(QueueKey key) {
        var id = ByteBuffer.allocate(ID_BYTES);
        id.putLong(key.topicId().getMostSignificantBits())
                .putLong(key.topicId().getLeastSignificantBits())
                .flip();
        return QueueName.newBuilder()
                .setGroup(key.group())
                .setTopicId(ByteString.copyFrom(id))
                .setPartition(key.partition())
                .build();
    }

    /**
     * The share partition of that name.
     *
     * @throws IllegalArgumentException if it is no name
     */
    static QueueKey key(QueueName name) {
        ByteString id = name.getTopicId();
        if (id.size() != ID_BYTES || name.getPartition() < 0 || name.getGroup().isEmpty()) {
            throw new IllegalArgumentException("no share partition is named so: " + name);
        }
        ByteBuffer bytes = id.asReadOnlyByteBuffer();
        return new QueueKey(
                name.getGroup(), new UUID(bytes.getLong(), bytes.getLong()), name.getPartition());
    }

    static Span of(OffsetRange range) {
        return Span.newBuilder().setFirst(range.first()).setLast(range.last()).build();
    }

    static List<Span> spans(List<OffsetRange> ranges) {
        return ranges.stream().map(Names::of).toList();
    }

    static OffsetRange range(Span span) {
        return new OffsetRange(span.getFirst(), span.getLast());
    }

    static List<OffsetRange> ranges(List<Span> spans) {
        return spans.stream().map(Names::range).toList();
    }

    static RecordTraits of(Traits traits) {
        return RecordTraits.newBuilder()
                .setKey(traits.key())
                .setDueMs(traits.dueMs())
                .setExpiresMs(traits.expiresMs() == Traits.NEVER ? 0 : traits.expiresMs())
                .setPriority(traits.priority())
                .build();
    }

    /**
     * What a record asks for.
     *
     * @throws IllegalArgumentException if no record can
     */
    static Traits traits(RecordTraits sent) {
        if (sent.getPriority() < 0 || sent.getPriority() >= Traits.MOST_PRIORITIES) {
            throw new IllegalArgumentException("no class of priority: " + sent.getPriority());
        }
        return new Traits(
                sent.getKey(),
                sent.getDueMs(),
                sent.getExpiresMs() == 0 ? Traits.NEVER : sent.getExpiresMs(),
                sent.getPriority());
    }
}

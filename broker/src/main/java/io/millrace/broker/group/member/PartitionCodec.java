package io.millrace.broker.group.member;

import com.google.protobuf.ByteString;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.proto.TopicPartitions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** How sets of partitions are stored. Stateless. */
public final class PartitionCodec {
    private static final int ID_BYTES = 16;

    private PartitionCodec() {}

    public static List<TopicPartitions> encode(Partitions partitions) {
        var encoded = new ArrayList<TopicPartitions>();
        for (UUID topic : partitions.topics()) {
            var one = TopicPartitions.newBuilder().setTopicId(id(topic));
            partitions.of(topic).forEach(one::addPartitions);
            encoded.add(one.build());
        }
        return encoded;
    }

    public static List<TopicPartitions> encode(Holding holding) {
        var encoded = new ArrayList<TopicPartitions>();
        holding.byTopic()
                .forEach((topic, held) ->
                        encoded.add(
                                TopicPartitions.newBuilder()
                                        .setTopicId(id(topic))
                                        .addAllPartitions(held.keySet())
                                        .addAllEpochs(held.values())
                                        .build()));
        return encoded;
    }

    public static Partitions partitions(List<TopicPartitions> stored) {
        var all = new Partitions.Builder();
        for (TopicPartitions one : stored) {
            UUID topic = id(one.getTopicId());
            one.getPartitionsList().forEach(partition -> all.add(topic, partition));
        }
        return all.build();
    }

    public static Holding holding(List<TopicPartitions> stored) {
        var all = new Holding.Builder();
        for (TopicPartitions one : stored) {
            UUID topic = id(one.getTopicId());
            for (int i = 0; i < one.getPartitionsCount(); i++) {
                int since = i < one.getEpochsCount() ? one.getEpochs(i) : 0;
                all.add(topic, one.getPartitions(i), since);
            }
        }
        return all.build();
    }

    /** The id of a topic. */
    public static ByteString id(UUID topic) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(ID_BYTES)
                        .putLong(topic.getMostSignificantBits())
                        .putLong(topic.getLeastSignificantBits())
                        .flip());
    }

    /** The id of a topic; all zeros if it is none. */
    public static UUID id(ByteString stored) {
        ByteBuffer bytes = stored.asReadOnlyByteBuffer();
        return bytes.remaining() == ID_BYTES
                ? new UUID(bytes.getLong(), bytes.getLong())
                : new UUID(0, 0);
    }
}

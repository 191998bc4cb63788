package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.ConsumerHeartbeat.OwnedTopic;
import io.millrace.broker.group.assign.Partitions;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What consumers of the classic protocol say to each other in the bytes that the coordinator hands
 * on: subscriptions and assignments, in the versions 0 to 3 of Kafka's consumer protocol. The bytes
 * may be anything. Stateless.
 */
final class EmbeddedProtocol {
    private static final int OWNED_SINCE = 1;
    private static final int GENERATION_SINCE = 2;
    private static final int RACK_SINCE = 3;

    private EmbeddedProtocol() {}

    /**
     * A subscription.
     *
     * @param rackId null if the client has or says none
     */
    record Subscription(List<String> topics, List<NamedTopic> owned, @Nullable String rackId) {
        /** What the client has, of topics that exist. */
        List<OwnedTopic> owned(ClusterView cluster) {
            var known = new ArrayList<OwnedTopic>();
            for (NamedTopic each : owned) {
                ClusterView.@Nullable Topic topic = cluster.topic(each.name());
                if (topic != null) {
                    known.add(new OwnedTopic(topic.id(), each.partitions()));
                }
            }
            return known;
        }
    }

    private record NamedTopic(String name, List<Integer> partitions) {}

    /** Reads a subscription; null if the bytes are none. */
    static @Nullable Subscription subscription(ByteBuffer bytes) {
        try {
            ByteBuffer in = bytes.duplicate();
            int version = in.getShort();
            var topics = new ArrayList<String>();
            for (int left = count(in, 2); left > 0; left--) {
                topics.add(text(in));
            }
            skipBytes(in);
            List<NamedTopic> owned = version >= OWNED_SINCE ? topics(in) : List.of();
            if (version >= GENERATION_SINCE) {
                in.getInt();
            }
            return new Subscription(topics, owned, version >= RACK_SINCE ? rack(in) : null);
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    /** Reads an assignment, of topics that exist; null if the bytes are none. */
    static @Nullable Partitions assignment(ByteBuffer bytes, ClusterView cluster) {
        if (!bytes.hasRemaining()) {
            return Partitions.NONE;
        }
        try {
            ByteBuffer in = bytes.duplicate();
            in.getShort();
            var all = new Partitions.Builder();
            for (NamedTopic each : topics(in)) {
                ClusterView.@Nullable Topic topic = cluster.topic(each.name());
                if (topic != null) {
                    each.partitions().stream()
                            .filter(index -> index >= 0 && index < topic.partitions())
                            .forEach(index -> all.add(topic.id(), index));
                }
            }
            return all.build();
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    /** Writes an assignment in the version in which the member wrote its subscription. */
    static ByteBuffer encode(Partitions partitions, ByteBuffer subscription, ClusterView cluster) {
        short version =
                subscription.remaining() < Short.BYTES ? 0 : subscription.duplicate().getShort();
        int size = Short.BYTES + 2 * Integer.BYTES;
        var names = new ArrayList<byte[]>();
        var topics = new ArrayList<UUID>();
        for (UUID id : partitions.topics()) {
            ClusterView.@Nullable Topic topic = cluster.topic(id);
            if (topic != null) {
                byte[] name = topic.name().getBytes(StandardCharsets.UTF_8);
                names.add(name);
                topics.add(id);
                int count = (int) partitions.of(id).count();
                size += Short.BYTES + name.length + Integer.BYTES * (1 + count);
            }
        }
        ByteBuffer out = ByteBuffer.allocate(size).putShort(version).putInt(topics.size());
        for (int i = 0; i < topics.size(); i++) {
            int[] indexes = partitions.of(topics.get(i)).toArray();
            out.putShort((short) names.get(i).length).put(names.get(i)).putInt(indexes.length);
            for (int index : indexes) {
                out.putInt(index);
            }
        }
        return out.putInt(-1).flip();
    }

    private static List<NamedTopic> topics(ByteBuffer in) {
        var topics = new ArrayList<NamedTopic>();
        for (int left = count(in, 2 + Integer.BYTES); left > 0; left--) {
            String name = text(in);
            var partitions = new ArrayList<Integer>();
            for (int more = count(in, Integer.BYTES); more > 0; more--) {
                partitions.add(in.getInt());
            }
            topics.add(new NamedTopic(name, partitions));
        }
        return topics;
    }

    /** A count of things, no more than the bytes that are left can hold. */
    private static int count(ByteBuffer in, int leastBytesEach) {
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / leastBytesEach) {
            throw new BufferUnderflowException();
        }
        return count;
    }

    private static String text(ByteBuffer in) {
        return text(in, in.getShort());
    }

    private static String text(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static @Nullable String rack(ByteBuffer in) {
        short length = in.getShort();
        return length <= 0 ? null : text(in, length);
    }

    private static void skipBytes(ByteBuffer in) {
        int length = in.getInt();
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + Math.max(0, length));
    }
}

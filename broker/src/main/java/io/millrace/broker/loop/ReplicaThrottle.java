package io.millrace.broker.loop;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import io.millrace.cluster.replication.Throttle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this node may move to replicas that are not in sync, as the leader or the follower of
 * partitions for which their topics list it as such (KIP-73): {@code
 * (leader|follower).replication.throttled.rate} of the broker and {@code .replicas} of the topic.
 * One for all loops; thread-safe.
 */
public final class ReplicaThrottle {
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final String ALL = "*";

    private final Supplier<ClusterImage> image;
    private final int self;
    private final String rateKey;
    private final String replicasKey;
    private final AtomicReference<Throttle> moved = new AtomicReference<>(Throttle.idle(0));

    private ReplicaThrottle(Supplier<ClusterImage> image, int self, String side) {
        this.image = image;
        this.self = self;
        this.rateKey = side + ".replication.throttled.rate";
        this.replicasKey = side + ".replication.throttled.replicas";
    }

    /** That of what followers fetch here. */
    public static ReplicaThrottle ofLeader(Supplier<ClusterImage> image, int self) {
        return new ReplicaThrottle(image, self, "leader");
    }

    /** That of what is fetched from leaders. */
    public static ReplicaThrottle ofFollower(Supplier<ClusterImage> image, int self) {
        return new ReplicaThrottle(image, self, "follower");
    }

    /** Whether a replica has to wait. On the partition's loop. */
    public boolean holdsBack(Partition partition, int replica) {
        long rate = rate(partition, replica);
        return rate != UNLIMITED
                && Objects.requireNonNull(moved.get()).isExceeded(rate, partition.loop().nowMs());
    }

    /** Bytes are on their way to a replica. On the partition's loop. */
    public void moved(Partition partition, int replica, long bytes) {
        long rate = rate(partition, replica);
        if (rate != UNLIMITED && bytes > 0) {
            long nowMs = partition.loop().nowMs();
            moved.updateAndGet(before -> before.moved(bytes, rate, nowMs));
        }
    }

    /** Bytes a second; {@link #UNLIMITED} for who is in sync, or if this node is not listed. */
    private long rate(Partition partition, int replica) {
        if (partition.terms().inSyncReplicas().has(replica)) {
            return UNLIMITED;
        }
        ClusterImage now = image.get();
        String own = setting(now, Type.BROKER, Integer.toString(self), rateKey);
        String rate = own == null ? setting(now, Type.BROKER, "", rateKey) : own;
        return rate == null || !isListed(now, partition.id())
                ? UNLIMITED
                : Long.parseLong(rate.strip());
    }

    private boolean isListed(ClusterImage now, PartitionId partition) {
        String listed = setting(now, Type.TOPIC, partition.topic(), replicasKey);
        if (listed == null) {
            return false;
        }
        String wanted = partition.index() + ":" + self;
        return List.of(listed.split(",", -1)).stream()
                .map(String::strip)
                .anyMatch(item -> item.equals(ALL) || item.equals(wanted));
    }

    private static @Nullable String setting(ClusterImage now, Type type, String name, String key) {
        return now.config(new ConfigResource(type, name)).get(key);
    }
}

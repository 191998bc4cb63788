package io.millrace.broker.handler.queue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.QueueKeys;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.model.QueueSettings.Extras;
import io.millrace.broker.queue.model.QueueSettings.Locks;
import io.millrace.broker.queue.model.QueueSettings.Retry;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** How groups' queues are set to behave, by the newest metadata. Thread-safe. */
public final class QueueConfigs {
    private final Supplier<ClusterImage> image;
    private final BrokerConfig broker;
    private volatile Known known;

    /**
     * What was worked out of one image. Kept are only groups that have settings of their own: any
     * client can name others.
     */
    private record Known(
            ClusterImage image, QueueSettings standard, Map<String, QueueSettings> byGroup) {}

    /**
     * @param broker its bounds, and what holds where a group sets nothing
     */
    public QueueConfigs(Supplier<ClusterImage> image, BrokerConfig broker) {
        this.image = image;
        this.broker = broker;
        this.known = knownOf(image.get());
    }

    private Known knownOf(ClusterImage now) {
        return new Known(
                now, workOut(new GroupValues(broker, Map.of())), new ConcurrentHashMap<>());
    }

    /** How a share partition behaves. */
    public QueueSettings settings(QueueKey key) {
        ClusterImage now = image.get();
        Known current = known;
        if (current.image().endOffset() != now.endOffset()) {
            current = knownOf(now);
            known = current;
        }
        Map<String, String> own =
                now.config(new ConfigResource(ConfigResource.Type.GROUP, key.group()));
        return own.isEmpty()
                ? current.standard()
                : current.byGroup()
                        .computeIfAbsent(key.group(), _ -> workOut(new GroupValues(broker, own)));
    }

    /** The settings of a group, as text. */
    public GroupValues values(String group) {
        return new GroupValues(
                broker, image.get().config(new ConfigResource(ConfigResource.Type.GROUP, group)));
    }

    /** Whether a group reads only what is committed. */
    public boolean readsCommitted(String group) {
        return values(group).text("share.isolation.level").equals("read_committed");
    }

    private static QueueSettings workOut(GroupValues values) {
        var locks =
                new Locks(
                        values.integer("share.partition.max.record.locks"),
                        values.integer("share.record.lock.duration.ms"),
                        values.integer("share.delivery.count.limit"),
                        values.flag("share.renew.acknowledge.enable"));
        long backoffMs = values.number("millrace.queue.retry.backoff.ms");
        var retry =
                backoffMs == 0
                        ? Retry.NONE
                        : new Retry(
                                backoffMs,
                                values.number("millrace.queue.retry.backoff.max.ms"),
                                values.real("millrace.queue.retry.backoff.multiplier"),
                                values.real("millrace.queue.retry.backoff.jitter"));
        var extras =
                new Extras(
                        values.flag("millrace.queue.headers.enable"),
                        values.text("millrace.queue.order").equals("key"),
                        values.integer("millrace.queue.priorities"),
                        values.number("millrace.queue.ttl.ms"),
                        values.number("millrace.queue.delay.ms"));
        return new QueueSettings(
                locks,
                retry,
                extras,
                !values.text(QueueKeys.DEAD_LETTER_TOPIC).isEmpty(),
                values.flag("millrace.queue.paused"));
    }
}

package io.millrace.broker.handler.queue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.QueueKeys;
import io.millrace.broker.config.TopicConfigs;
import io.millrace.broker.coordinator.DeadLetters;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.peer.LocalLog;
import io.millrace.broker.handler.peer.ReachableLog;
import io.millrace.broker.handler.peer.RemoteLog;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.queue.QueueEffect;
import io.millrace.cluster.metadata.ConfigResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes dead letters (KIP-1191): to the topic that the group names, in the partition that the
 * record's partition falls on, with headers that say where the record was. Either may be on another
 * broker. Dead letters that cannot be written now are kept and tried again: they may come twice,
 * and are never lost. Thread-safe.
 */
public final class DeadLetterWriter implements DeadLetters {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);
    private static final String YES = "true";

    private final Topics topics;
    private final QueueConfigs configs;
    private final PartitionDirectory directory;
    private final BrokerConfig config;
    private final LeaderPeers leaders;

    public DeadLetterWriter(
            Topics topics,
            QueueConfigs configs,
            PartitionDirectory directory,
            BrokerConfig config,
            LeaderPeers leaders) {
        this.topics = topics;
        this.configs = configs;
        this.directory = directory;
        this.config = config;
        this.leaders = leaders;
    }

    @Override
    public void write(QueueEffect.Bury dead, Outcome done) {
        GroupValues values = configs.values(dead.key().group());
        String name = values.text(QueueKeys.DEAD_LETTER_TOPIC);
        HostedTopic source = directory.topic(dead.key().topicId());
        Partition from = source == null ? null : source.partition(dead.key().partition());
        if (name.isEmpty()) {
            done.done(true);
            return;
        }
        if (from == null) {
            // Not heard of here yet; of a topic that is gone, the queue is forgotten.
            done.done(false);
            return;
        }
        HostedTopic target = directory.topic(name);
        String problem = problem(name, target);
        if (problem != null) {
            later(
                    from,
                    done,
                    "Dead letters of group %s wait: %s".formatted(dead.key().group(), problem));
        } else if (target == null) {
            create(name, from, done);
        } else {
            List<Partition> partitions = target.partitions();
            Partition to = partitions.get(dead.key().partition() % partitions.size());
            boolean copies = values.flag(QueueKeys.DEAD_LETTER_COPY);
            var way = new Burial.Way(log(from), log(to), copies);
            from.loop().run(new Burial(dead, from.id(), way, from.loop(), done)::goOn);
        }
    }

    private ReachableLog log(Partition partition) {
        PartitionId id = partition.id();
        return leaders.isElsewhere(id.topic(), id.index())
                ? new RemoteLog(leaders, id)
                : new LocalLog(partition);
    }

    /** Why a topic cannot be written to, or made; null if it can. */
    private @Nullable String problem(String name, @Nullable HostedTopic target) {
        if (name.startsWith("__")) {
            return "the topic %s is the broker's own".formatted(name);
        }
        if (target != null) {
            Map<String, String> own =
                    topics.image().config(new ConfigResource(ConfigResource.Type.TOPIC, name));
            String allowed = TopicConfigs.effective(config, own).get(QueueKeys.DEAD_LETTER_ALLOWED);
            return YES.equals(allowed)
                    ? null
                    : "the topic %s has not %s=true".formatted(name, QueueKeys.DEAD_LETTER_ALLOWED);
        }
        boolean creates = YES.equals(config.text(QueueKeys.DEAD_LETTER_CREATE));
        if (!creates || !name.startsWith(config.text(QueueKeys.DEAD_LETTER_PREFIX))) {
            return "there is no topic %s, and it may not be made".formatted(name);
        }
        return null;
    }

    private static void later(Partition from, Outcome done, String why) {
        LOG.warn("{}; trying again", why);
        from.loop().execute(() -> from.loop().schedule(() -> done.done(false), Burial.RETRY_MS));
    }

    private void create(String name, Partition from, Outcome done) {
        var _ =
                topics.createForDeadLetters(name)
                        .whenComplete((outcome, failure) -> {
                            if (failure != null) {
                                later(
                                        from,
                                        done,
                                        "The topic %s cannot be made: %s".formatted(name, failure));
                            } else {
                                from.loop().execute(() -> done.done(false));
                            }
                        });
    }
}

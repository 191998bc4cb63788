package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.coordinator.QueueCoordinator;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.group.DeleteGroupsHandler;
import io.millrace.broker.handler.group.epoch.ShareGroupDescribeHandler;
import io.millrace.broker.handler.group.epoch.ShareGroupHeartbeatHandler;
import io.millrace.broker.handler.peer.EnvelopeHandler;
import io.millrace.broker.handler.peer.LogEnds;
import io.millrace.broker.handler.peer.MemberRouter;
import io.millrace.broker.handler.peer.PeerService;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.peer.QueueWakes;
import io.millrace.broker.handler.peer.ShareMembership;
import io.millrace.broker.handler.queue.AlterShareGroupOffsetsHandler;
import io.millrace.broker.handler.queue.DeadLetterWriter;
import io.millrace.broker.handler.queue.DeleteShareGroupOffsetsHandler;
import io.millrace.broker.handler.queue.DescribeShareGroupOffsetsHandler;
import io.millrace.broker.handler.queue.QueueConfigs;
import io.millrace.broker.handler.queue.QueueDeletion;
import io.millrace.broker.handler.queue.QueueStatus;
import io.millrace.broker.handler.share.LoopSessions;
import io.millrace.broker.handler.share.QueueAccess;
import io.millrace.broker.handler.share.ShareAcknowledgeHandler;
import io.millrace.broker.handler.share.ShareFetchHandler;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.TopicImage;
import java.util.List;
import java.util.UUID;

/** Everything that serves queues: the coordinator and its handlers. Thread-safe. */
final class Queues {
    private final BrokerConfig config;
    private final PartitionDirectory directory;
    private final Topics topics;
    private final QueueConfigs settings;
    private final QueueCoordinator coordinator;
    private final LeaderPeers leaders;
    private final QueueRouter router;
    private final LoopSessions sessions;

    Queues(
            BrokerConfig config,
            MetadataService metadata,
            PartitionDirectory directory,
            Loops loops,
            LeaderPeers leaders) {
        this.config = config;
        this.directory = directory;
        this.leaders = leaders;
        topics = new Topics(metadata, config);
        settings = new QueueConfigs(metadata::image, config);
        coordinator =
                new QueueCoordinator(
                        directory,
                        Topics.SHARE_STATE,
                        settings::settings,
                        id -> metadata.image().topic(id) != null,
                        new DeadLetterWriter(topics, settings, directory, config, leaders),
                        new QueueWakes(leaders));
        router = new QueueRouter(coordinator, leaders);
        sessions =
                new LoopSessions(
                        loops, config.integer("group.share.max.share.sessions"), router, directory);
    }

    /** Consumers whose connections are closed from now on keep what they hold. */
    void stop() {
        sessions.stop();
    }

    QueueCoordinator coordinator() {
        return coordinator;
    }

    QueueStatus status() {
        return new QueueStatus(router, directory, new LogEnds(leaders));
    }

    /** Follows a change of the metadata, after the partitions have. */
    void apply(ImageDelta delta) {
        for (UUID id : delta.touchedTopics()) {
            if (delta.after().topic(id) == null) {
                coordinator.forget(key -> key.topicId().equals(id));
            }
        }
        TopicImage kept = delta.after().topic(Topics.SHARE_STATE);
        if (kept != null && delta.touchedTopics().contains(kept.id())) {
            // Locks in shards that are led here from now on end in time.
            coordinator.loadAll();
        }
        for (ConfigResource changed : delta.touchedConfigs()) {
            if (changed.type() == ConfigResource.Type.GROUP) {
                coordinator.settingsChanged(changed.name());
            }
        }
    }

    List<ApiHandler> handlers(GroupCoordinator groups) {
        var members = new ShareMembership(groups);
        var asked = new MemberRouter(groups::shardOf, members, leaders);
        var deletion = new QueueDeletion(router);
        var service = new PeerService(coordinator, members);
        return List.of(
                new ShareGroupHeartbeatHandler(groups),
                new ShareGroupDescribeHandler(groups, directory),
                new ShareFetchHandler(
                        new QueueAccess(router, settings, asked),
                        directory,
                        sessions,
                        topics,
                        config.integer("fetch.max.bytes")),
                new ShareAcknowledgeHandler(router, directory, sessions),
                new DescribeShareGroupOffsetsHandler(
                        router, members, directory, new LogEnds(leaders)),
                new AlterShareGroupOffsetsHandler(router, members, directory, topics),
                new DeleteShareGroupOffsetsHandler(deletion, members, directory),
                new DeleteGroupsHandler(groups, members, deletion),
                new EnvelopeHandler(service, () -> topics.image().clusterId()));
    }
}

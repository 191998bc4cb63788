package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ClusterSettings;
import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.ApiVersionsHandler;
import io.millrace.broker.handler.ApiVersionsHandler.Features;
import io.millrace.broker.handler.AtNewest;
import io.millrace.broker.handler.FeatureLevels;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.config.AlterConfigsHandler;
import io.millrace.broker.handler.config.DescribeConfigsHandler;
import io.millrace.broker.handler.config.IncrementalAlterConfigsHandler;
import io.millrace.broker.handler.config.ListConfigResourcesHandler;
import io.millrace.broker.handler.fetch.FetchHandler;
import io.millrace.broker.handler.fetch.FetchLimits;
import io.millrace.broker.handler.fetch.FetchRules;
import io.millrace.broker.handler.fetch.Racks;
import io.millrace.broker.handler.group.DescribeGroupsHandler;
import io.millrace.broker.handler.group.FindCoordinatorHandler;
import io.millrace.broker.handler.group.HeartbeatHandler;
import io.millrace.broker.handler.group.JoinGroupHandler;
import io.millrace.broker.handler.group.LeaveGroupHandler;
import io.millrace.broker.handler.group.ListGroupsHandler;
import io.millrace.broker.handler.group.OffsetCommitHandler;
import io.millrace.broker.handler.group.OffsetDeleteHandler;
import io.millrace.broker.handler.group.OffsetFetchHandler;
import io.millrace.broker.handler.group.SyncGroupHandler;
import io.millrace.broker.handler.group.epoch.ConsumerGroupDescribeHandler;
import io.millrace.broker.handler.group.epoch.ConsumerGroupHeartbeatHandler;
import io.millrace.broker.handler.group.epoch.StreamsGroupDescribeHandler;
import io.millrace.broker.handler.group.epoch.StreamsGroupHeartbeatHandler;
import io.millrace.broker.handler.log.DeleteRecordsHandler;
import io.millrace.broker.handler.log.DescribeLogDirsHandler;
import io.millrace.broker.handler.log.DescribeProducersHandler;
import io.millrace.broker.handler.log.ListOffsetsHandler;
import io.millrace.broker.handler.log.OffsetForLeaderEpochHandler;
import io.millrace.broker.handler.produce.ProduceHandler;
import io.millrace.broker.handler.quorum.DescribeQuorumHandler;
import io.millrace.broker.handler.quorum.LeaderHandler;
import io.millrace.broker.handler.quorum.QuorumHandlers.Administration;
import io.millrace.broker.handler.quorum.QuorumLeader;
import io.millrace.broker.handler.quorum.QuorumVersion;
import io.millrace.broker.handler.topic.AlterReassignmentsHandler;
import io.millrace.broker.handler.topic.CreatePartitionsHandler;
import io.millrace.broker.handler.topic.CreateTopicsHandler;
import io.millrace.broker.handler.topic.DeleteTopicsHandler;
import io.millrace.broker.handler.topic.DescribeClusterHandler;
import io.millrace.broker.handler.topic.DescribeTopicPartitionsHandler;
import io.millrace.broker.handler.topic.ElectLeadersHandler;
import io.millrace.broker.handler.topic.ListReassignmentsHandler;
import io.millrace.broker.handler.topic.MetadataHandler;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.handler.topic.UnregisterBrokerHandler;
import io.millrace.broker.handler.topic.UpdateFeaturesHandler;
import io.millrace.broker.handler.transaction.AddOffsetsToTxnHandler;
import io.millrace.broker.handler.transaction.AddPartitionsToTxnHandler;
import io.millrace.broker.handler.transaction.DescribeTransactionsHandler;
import io.millrace.broker.handler.transaction.EndTxnHandler;
import io.millrace.broker.handler.transaction.InitProducerIdHandler;
import io.millrace.broker.handler.transaction.ListTransactionsHandler;
import io.millrace.broker.handler.transaction.ProducerIds;
import io.millrace.broker.handler.transaction.TransactionRouter;
import io.millrace.broker.handler.transaction.Transactions;
import io.millrace.broker.handler.transaction.TxnOffsetCommitHandler;
import io.millrace.broker.handler.transaction.WriteTxnMarkersHandler;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.storage.disk.Disk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the handlers work with, and the table of them.
 *
 * @param nodeId this broker's number
 * @param folder its data folder
 */
record Handlers(
        BrokerConfig config,
        int nodeId,
        MetadataService metadata,
        PartitionDirectory directory,
        Loops loops,
        GroupCoordinator groups,
        TransactionCoordinator transactions,
        ProducerIds producerIds,
        LeaderPeers leaders,
        QuorumAccess quorum,
        Disk disk,
        Path folder) {
    /**
     * What is known of the quorum here, and the way to where more is.
     *
     * @param leader who leads; null on a single node
     */
    record QuorumAccess(
            Supplier<CompletableFuture<QuorumDescription>> description,
            @Nullable QuorumLeader leader) {
        Features with(Features others) {
            return leader == null ? others : QuorumVersion.with(others, leader.quorum());
        }

        List<ApiHandler> handlers() {
            return leader == null
                    ? List.of(new DescribeQuorumHandler(description))
                    : LeaderHandler.all(leader);
        }
    }

    private static final long SESSION_EVICTION_MS = 120_000;

    HandlerTable table(Queues queues) {
        var handlers = new ArrayList<ApiHandler>();
        var served = new ArrayList<Collection<ApiHandler>>();
        handlers.add(new ApiVersionsHandler(served::getFirst, this::features));
        handlers.addAll(data());
        handlers.addAll(topics());
        handlers.addAll(administered());
        handlers.addAll(quorum.handlers());
        handlers.addAll(configs(queues));
        handlers.addAll(groupHandlers());
        handlers.addAll(transactionHandlers());
        handlers.addAll(queues.handlers(groups));
        var table = new HandlerTable(handlers);
        served.add(table.all());
        return table;
    }

    /** What administrators may ask a controller for as well: what Kafka's tools take there. */
    Administration administration(Queues queues) {
        var topics = new Topics(metadata, config);
        var features = new UpdateFeaturesHandler(topics, quorum.leader());
        var others =
                new ArrayList<>(
                        AtNewest.all(
                                metadata,
                                new AlterReassignmentsHandler(topics),
                                new ListReassignmentsHandler(topics),
                                new UnregisterBrokerHandler(topics),
                                IncrementalAlterConfigsHandler.ofController(metadata, config)));
        others.add(new DescribeConfigsHandler(metadata, nodeId, config, queues.status()));
        return new Administration(this::features, new AtNewest(features, metadata), others);
    }

    private Features features() {
        return quorum.with(FeatureLevels.of(metadata.image()));
    }

    private List<ApiHandler> data() {
        var limits =
                new FetchLimits(
                        config.integer("fetch.max.bytes"),
                        config.integer("max.incremental.fetch.session.cache.slots"),
                        SESSION_EVICTION_MS);
        var racks =
                new Racks(ClusterSettings.of(config).replication().rackAware(), metadata::image);
        var throttle = ReplicaThrottle.ofLeader(metadata::image, nodeId);
        return List.of(
                new ProduceHandler(directory, router()::ask),
                new FetchHandler(directory, loops, new FetchRules(limits, racks, throttle)),
                new ListOffsetsHandler(directory),
                new OffsetForLeaderEpochHandler(directory),
                new DeleteRecordsHandler(directory),
                new DescribeProducersHandler(directory),
                new DescribeLogDirsHandler(directory, disk, folder));
    }

    private List<ApiHandler> topics() {
        var topics = new Topics(metadata, config);
        return List.of(
                new MetadataHandler(topics, nodeId),
                new DescribeClusterHandler(topics, nodeId),
                new DescribeTopicPartitionsHandler(topics),
                new FindCoordinatorHandler(topics));
    }

    /** What Kafka has its controller answer. */
    private List<ApiHandler> administered() {
        var topics = new Topics(metadata, config);
        return AtNewest.all(
                metadata,
                new CreateTopicsHandler(topics),
                new DeleteTopicsHandler(topics),
                new CreatePartitionsHandler(topics),
                new ElectLeadersHandler(topics),
                new AlterReassignmentsHandler(topics),
                new ListReassignmentsHandler(topics),
                new UnregisterBrokerHandler(topics),
                new UpdateFeaturesHandler(topics, quorum.leader()),
                new AlterConfigsHandler(metadata, nodeId, config),
                new IncrementalAlterConfigsHandler(metadata, nodeId, config));
    }

    private List<ApiHandler> configs(Queues queues) {
        return List.of(
                new DescribeConfigsHandler(metadata, nodeId, config, queues.status()),
                new ListConfigResourcesHandler(metadata));
    }

    private Transactions transactional() {
        return new Transactions(transactions, producerIds);
    }

    private TransactionRouter router() {
        return new TransactionRouter(transactions::shardOf, transactions::handle, leaders);
    }

    private List<ApiHandler> transactionHandlers() {
        return List.of(
                new InitProducerIdHandler(producerIds, transactional()),
                new AddPartitionsToTxnHandler(transactional(), directory),
                new AddOffsetsToTxnHandler(transactional(), groups, new Topics(metadata, config)),
                new EndTxnHandler(transactional()),
                new TxnOffsetCommitHandler(router(), groups, directory),
                new WriteTxnMarkersHandler(transactions),
                new DescribeTransactionsHandler(transactions),
                new ListTransactionsHandler(transactions, () -> loops.current().nowMs()));
    }

    private List<ApiHandler> groupHandlers() {
        return List.of(
                new JoinGroupHandler(groups),
                new SyncGroupHandler(groups),
                new HeartbeatHandler(groups),
                new LeaveGroupHandler(groups),
                new OffsetCommitHandler(groups, directory),
                new OffsetFetchHandler(groups, directory),
                new OffsetDeleteHandler(groups, directory),
                new DescribeGroupsHandler(groups),
                new ListGroupsHandler(groups),
                new ConsumerGroupHeartbeatHandler(groups),
                new ConsumerGroupDescribeHandler(groups, directory),
                new StreamsGroupHeartbeatHandler(groups),
                new StreamsGroupDescribeHandler(groups));
    }
}

package io.millrace.broker.wire.keyed;

import static io.millrace.broker.wire.keyed.KeyedArray.Table.ANSWERED;
import static io.millrace.broker.wire.keyed.KeyedArray.Table.GROWN;
import static io.millrace.broker.wire.keyed.KeyedArray.Table.IDENTIFIED_NUMBERS;
import static io.millrace.broker.wire.keyed.KeyedArray.Table.NAMED_NUMBERS;
import static io.millrace.broker.wire.keyed.KeyedArray.Table.READ;
import static io.millrace.broker.wire.keyed.KeyedArray.array;
import static io.millrace.broker.wire.keyed.KeyedArray.request;

import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * The keyed arrays of every request that is served. JoinGroup has one too, of which {@code
 * BoundedReader} takes a few elements only.
 */
final class KeyedArrays {
    private static final Map<ApiKeys, KeyedArray> OF_REQUESTS = new EnumMap<>(ApiKeys.class);

    static {
        addData();
        addTopics();
        addConfigs();
        addGroups();
        addTransactions();
        addQuorum();
    }

    private KeyedArrays() {}

    /** Those of a request; null if it has none. */
    static @Nullable KeyedArray of(ApiKeys api) {
        return OF_REQUESTS.get(api);
    }

    private static void add(ApiKeys api, KeyedArray... arrays) {
        OF_REQUESTS.put(api, request(arrays));
    }

    private static void addData() {
        add(ApiKeys.PRODUCE, array("topic_data", "name", "topic_id").into(READ, ANSWERED));
        add(
                ApiKeys.LIST_OFFSETS,
                array("topics", "name")
                        .with(array("partitions", "partition_index").into(NAMED_NUMBERS)));
        add(ApiKeys.OFFSET_FOR_LEADER_EPOCH, array("topics", "topic").into(READ, ANSWERED));
        add(
                ApiKeys.DELETE_RECORDS,
                array("topics", "name")
                        .into(ANSWERED)
                        .with(array("partitions", "partition_index").into(ANSWERED)));
        add(ApiKeys.DESCRIBE_PRODUCERS, array("topics", "name").into(READ));
        add(ApiKeys.DESCRIBE_LOG_DIRS, array("topics", "topic").into(READ));
    }

    private static void addTopics() {
        // An element of the answer without a name hashes by its id as these do.
        add(ApiKeys.METADATA, array("topics", "topic_id", "name").into(ANSWERED));
        add(
                ApiKeys.DELETE_TOPICS,
                array("topics", "topic_id", "name").into(ANSWERED),
                array("topic_names").into(ANSWERED));
        add(
                ApiKeys.CREATE_TOPICS,
                array("topics", "name")
                        .into(READ, ANSWERED)
                        .with(
                                array("assignments", "partition_index").into(READ),
                                array("configs", "name").into(READ)));
        add(ApiKeys.CREATE_PARTITIONS, array("topics", "name").into(READ));
        add(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, array("topics", "name").into(ANSWERED));
        add(ApiKeys.ELECT_LEADERS, array("topic_partitions", "topic").into(READ));
        add(ApiKeys.UPDATE_FEATURES, array("feature_updates", "feature").into(READ, ANSWERED));
    }

    private static void addConfigs() {
        add(
                ApiKeys.ALTER_CONFIGS,
                array("resources", "resource_type", "resource_name")
                        .into(READ)
                        .with(array("configs", "name").into(READ)));
        add(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                array("resources", "resource_type", "resource_name")
                        .into(READ)
                        .with(array("configs", "name", "config_operation").into(READ)));
    }

    private static void addGroups() {
        add(ApiKeys.DELETE_GROUPS, array("groups_names").into(ANSWERED));
        add(
                ApiKeys.OFFSET_DELETE,
                array("topics", "name")
                        .into(READ, ANSWERED)
                        .with(array("partitions", "partition_index").into(ANSWERED)));
        add(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, array("topics", "topic_name").into(READ, ANSWERED));
        for (ApiKeys api : new ApiKeys[] {ApiKeys.SHARE_FETCH, ApiKeys.SHARE_ACKNOWLEDGE}) {
            add(
                    api,
                    array("topics", "topic_id")
                            .into(READ, GROWN)
                            .with(
                                    array("partitions", "partition_index")
                                            .into(READ, IDENTIFIED_NUMBERS)));
        }
    }

    private static void addTransactions() {
        KeyedArray partitions = array("partitions").into(GROWN, NAMED_NUMBERS);
        add(
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                array("transactions", "transactional_id")
                        .into(READ, ANSWERED)
                        .with(array("topics", "name").into(READ, GROWN).with(partitions)),
                array("v3_and_below_topics", "name").into(READ, GROWN).with(partitions));
    }

    private static void addQuorum() {
        add(ApiKeys.BEGIN_QUORUM_EPOCH, array("leader_endpoints", "name").into(READ));
        add(ApiKeys.END_QUORUM_EPOCH, array("leader_endpoints", "name").into(READ));
        add(ApiKeys.ADD_RAFT_VOTER, array("listeners", "name").into(READ));
        add(ApiKeys.UPDATE_RAFT_VOTER, array("listeners", "name").into(READ));
    }
}

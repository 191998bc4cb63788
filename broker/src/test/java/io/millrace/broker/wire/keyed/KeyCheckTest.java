package io.millrace.broker.wire.keyed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.wire.keyed.KeyedArray.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class KeyCheckTest {
    /** Requests that nobody serves, and the one of which only a few elements are read. */
    private static final Set<ApiKeys> OTHERS =
            EnumSet.of(
                    ApiKeys.ALTER_REPLICA_LOG_DIRS,
                    ApiKeys.BROKER_REGISTRATION,
                    ApiKeys.CONTROLLER_REGISTRATION,
                    ApiKeys.JOIN_GROUP);

    /** Those with answers whose keys are what there is here, not what was asked for. */
    private static final Set<ApiKeys> ANSWERED_WITH_OWN_KEYS =
            EnumSet.of(
                    ApiKeys.API_VERSIONS,
                    ApiKeys.DESCRIBE_CLUSTER,
                    ApiKeys.DESCRIBE_QUORUM,
                    ApiKeys.DESCRIBE_TRANSACTIONS);

    private static List<Short> versions(ApiKeys api) {
        var versions = new ArrayList<Short>();
        for (int v = api.oldestVersion(); v <= api.latestVersion(false); v++) {
            versions.add((short) v);
        }
        return versions;
    }

    /** Every name is one of {@code counts}, or has no elements. */
    private record Filled(Map<String, Integer> counts, IntFunction<String> names)
            implements WrittenRequest.Content {
        @Override
        public int count(String path) {
            return counts.getOrDefault(path, 0);
        }

        @Override
        public @Nullable Object value(String path, Type type, int index) {
            boolean named = WrittenRequest.kind(type).endsWith("STRING");
            if (WrittenRequest.kind(type).equals("INT32")) {
                return index;
            }
            return named ? names.apply(index) : WrittenRequest.nothing(type);
        }
    }

    private static ByteBuffer filled(ApiKeys api, int version, Map<String, Integer> counts) {
        return WrittenRequest.of(api, (short) version, new Filled(counts, i -> "name-" + i));
    }

    private static long slots(ApiKeys api, int version, ByteBuffer body) {
        return KeyCheck.slots(api, (short) version, body, Long.MAX_VALUE);
    }

    private static void assertRefused(ApiKeys api, int version, ByteBuffer body) {
        assertThatThrownBy(() -> KeyCheck.check(api, (short) version, body, Long.MAX_VALUE))
                .as("%s %d", api, version)
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("alike");
    }

    private static WrittenRequest.Content random(Random random) {
        return new WrittenRequest.Content() {
            @Override
            public int count(String path) {
                return random.nextInt(4);
            }

            @Override
            public @Nullable Object value(String path, Type type, int index) {
                return switch (WrittenRequest.kind(type)) {
                    case "INT8" -> (byte) random.nextInt();
                    case "INT32" -> random.nextInt();
                    case "UUID" -> new Uuid(random.nextLong(), random.nextLong());
                    case "STRING", "COMPACT_STRING" -> Integer.toHexString(random.nextInt());
                    default -> WrittenRequest.nothing(type);
                };
            }
        };
    }

    @Test
    void everyKeyedArrayOfKafkasClassesIsFoundWithTheHashesThatTheyHaveThere() {
        var random = new Random(1);
        for (ApiKeys api : ApiKeys.values()) {
            for (short version : OTHERS.contains(api) ? List.<Short>of() : versions(api)) {
                for (int round = 0; round < 10; round++) {
                    ByteBuffer body = WrittenRequest.of(api, version, random(random));
                    var found = new Found();
                    ByteBuffer left = body.duplicate();
                    KeyedArray request = KeyedArrays.of(api);
                    new KeyWalk(left, found, Long.MAX_VALUE)
                            .walk(
                                    api.messageType.requestSchemas()[version],
                                    request == null ? KeyedArray.NONE : request);
                    ApiMessage message = api.messageType.newRequest();
                    message.read(new ByteBufferAccessor(body), version);

                    assertThat(left.remaining()).as("%s %d", api, version).isZero();
                    assertThat(found.read)
                            .as("%s %d", api, version)
                            .isEqualTo(KeyedCollections.in(message));
                }
            }
        }
    }

    private static final class Found implements KeyWalk.Keys {
        private final List<List<Integer>> read = new ArrayList<>();

        @Override
        public void array(KeyedArray array, int[] hashes, int count) {
            if (array.tables().contains(Table.READ)) {
                read.add(Arrays.stream(hashes, 0, count).boxed().toList());
            }
        }

        @Override
        public void pairs(int[] hashes, int count) {
            assertThat(count).isLessThanOrEqualTo(hashes.length);
        }
    }

    @Test
    void everyAnswerWithKeysOfTheRequestIsReckonedWith() {
        for (ApiKeys api : ApiKeys.values()) {
            if (api.hasValidVersion() && !ANSWERED_WITH_OWN_KEYS.contains(api)) {
                KeyedArray request = KeyedArrays.of(api);
                assertThat(request != null && isAnswered(request))
                        .as("%s", api)
                        .isEqualTo(KeyedCollections.areIn(api.messageType.newResponse()));
            }
        }
    }

    private static boolean isAnswered(KeyedArray array) {
        return array.tables().contains(Table.ANSWERED)
                || array.tables().contains(Table.GROWN)
                || array.inside().stream().anyMatch(KeyCheckTest::isAnswered);
    }

    /** Calls with each path, and how many elements there are so that only those of it are many. */
    private interface EachArray {
        void test(KeyedArray array, Map<String, Integer> counts);
    }

    private static void forEach(KeyedArray of, String path, int many, EachArray test) {
        for (KeyedArray array : of.inside()) {
            String own = path.isEmpty() ? array.name() : path + "." + array.name();
            var counts = new HashMap<String, Integer>();
            for (int dot = own.indexOf('.'); dot >= 0; dot = own.indexOf('.', dot + 1)) {
                counts.put(own.substring(0, dot), 1);
            }
            counts.put(own, many);
            test.test(array, counts);
            forEach(array, own, many, test);
        }
    }

    private static boolean has(ApiKeys api, short version, Map<String, Integer> counts) {
        var few = new HashMap<String, Integer>();
        counts.forEach((path, count) -> few.put(path, 1));
        var asked = new HashSet<String>();
        var content = new Filled(few, i -> "");
        WrittenRequest.of(
                api,
                version,
                new WrittenRequest.Content() {
                    @Override
                    public int count(String path) {
                        asked.add(path);
                        return content.count(path);
                    }

                    @Override
                    public @Nullable Object value(String path, Type type, int index) {
                        return content.value(path, type, index);
                    }
                });
        return asked.containsAll(counts.keySet());
    }

    @Test
    void equalKeysInAnyArrayAreRefused() {
        for (ApiKeys api : ApiKeys.values()) {
            KeyedArray known = KeyedArrays.of(api);
            KeyedArray request = known == null ? KeyedArray.NONE : known;
            for (short version : request.inside().isEmpty() ? List.<Short>of() : versions(api)) {
                forEach(
                        request,
                        "",
                        15_000,
                        (array, counts) -> {
                            boolean keyed =
                                    array.tables().contains(Table.READ) || isAnswered(array.with());
                            if (keyed && has(api, version, counts)) {
                                assertRefused(
                                        api,
                                        version,
                                        WrittenRequest.of(
                                                api, version, WrittenRequest.named(counts, "n")));
                            }
                        });
            }
        }
    }

    @Test
    void manyShortArraysOfEqualKeysAreRefused() {
        for (int version : new int[] {2, 4, 5, 7}) {
            assertRefused(
                    ApiKeys.CREATE_TOPICS,
                    version,
                    WrittenRequest.of(
                            ApiKeys.CREATE_TOPICS,
                            (short) version,
                            WrittenRequest.named(
                                    Map.of("topics", 400, "topics.configs", 300), "n")));
        }
    }

    @Test
    void theSameSettingsOfThousandsOfTopicsAreFine() {
        for (short version : versions(ApiKeys.CREATE_TOPICS)) {
            var counts = Map.of("topics", 5000, "topics.configs", 20, "topics.assignments", 3);
            ByteBuffer body = filled(ApiKeys.CREATE_TOPICS, version, counts);
            assertThat(slots(ApiKeys.CREATE_TOPICS, version, body))
                    .isLessThan(KeyCost.MOST_SLOTS / 2);
        }
        for (ApiKeys api : List.of(ApiKeys.ALTER_CONFIGS, ApiKeys.INCREMENTAL_ALTER_CONFIGS)) {
            for (short version : versions(api)) {
                var counts = Map.of("resources", 5000, "resources.configs", 20);
                assertThat(slots(api, version, filled(api, version, counts)))
                        .isLessThan(KeyCost.MOST_SLOTS / 2);
            }
        }
    }

    @Test
    void tenThousandPartitionsOfOneTopicAreFine() {
        for (short version : versions(ApiKeys.CREATE_TOPICS)) {
            var counts = Map.of("topics", 1, "topics.assignments", 10_000);
            ByteBuffer body = filled(ApiKeys.CREATE_TOPICS, version, counts);
            assertThatCode(() -> slots(ApiKeys.CREATE_TOPICS, version, body))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theSamePartitionsOfManyTopicsAreFine() {
        var counts = Map.of("topics", 1000, "topics.partitions", 50);
        for (ApiKeys api :
                List.of(
                        ApiKeys.DELETE_RECORDS,
                        ApiKeys.OFFSET_DELETE,
                        ApiKeys.LIST_OFFSETS,
                        ApiKeys.OFFSET_FOR_LEADER_EPOCH)) {
            for (short version : versions(api)) {
                assertThat(slots(api, version, filled(api, version, counts)))
                        .isLessThan(KeyCost.MOST_SLOTS / 2);
            }
        }
        for (short version : versions(ApiKeys.ADD_PARTITIONS_TO_TXN)) {
            ByteBuffer body =
                    filled(
                            ApiKeys.ADD_PARTITIONS_TO_TXN,
                            version,
                            Map.of(
                                    "transactions",
                                    10,
                                    "transactions.topics",
                                    100,
                                    "transactions.topics.partitions",
                                    50,
                                    "v3_and_below_topics",
                                    1000,
                                    "v3_and_below_topics.partitions",
                                    50));
            assertThat(slots(ApiKeys.ADD_PARTITIONS_TO_TXN, version, body))
                    .isLessThan(KeyCost.MOST_SLOTS / 2);
        }
    }

    @Test
    void partitionsThatHashAlikeAcrossTopicsAreRefused() {
        for (short version : versions(ApiKeys.LIST_OFFSETS)) {
            var content =
                    new WrittenRequest.Content() {
                        private int topic;

                        @Override
                        public int count(String path) {
                            return path.equals("topics") ? 20_000 : 1;
                        }

                        @Override
                        public @Nullable Object value(String path, Type type, int index) {
                            return switch (path) {
                                case "topics.name" -> WrittenRequest.nameOf(-31 * topic);
                                case "topics.partitions.partition_index" -> topic++;
                                default -> WrittenRequest.nothing(type);
                            };
                        }
                    };

            assertRefused(
                    ApiKeys.LIST_OFFSETS,
                    version,
                    WrittenRequest.of(ApiKeys.LIST_OFFSETS, version, content));
        }
    }

    @Test
    void bytesThatAreNoRequestAreRefused() {
        short version = 7;
        ByteBuffer whole =
                filled(
                        ApiKeys.CREATE_TOPICS,
                        version,
                        Map.of("topics", 3, "topics.configs", 2, "topics.assignments", 1));
        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer cut = whole.duplicate().limit(length);
            assertThatThrownBy(() -> slots(ApiKeys.CREATE_TOPICS, version, cut))
                    .isInstanceOf(RuntimeException.class);
        }
        ByteBuffer claim = ByteBuffer.allocate(20).putInt(Integer.MAX_VALUE).rewind();
        assertThatThrownBy(() -> slots(ApiKeys.CREATE_TOPICS, 2, claim))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void noMoreElementsAreReadThanAllowed() {
        ByteBuffer body = filled(ApiKeys.PRODUCE, 9, Map.of("topic_data", 1001));

        assertThatThrownBy(() -> KeyCheck.check(ApiKeys.PRODUCE, (short) 9, body, 1000))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("too many");
    }
}

package io.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.wire.keyed.WrittenRequest;
import java.math.BigInteger;
import java.util.function.IntFunction;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BoundedReaderTest {
    private static BoundedReader reader(ApiKeys api, short version, ApiMessage message) {
        return new BoundedReader(
                MessageUtil.toByteBufferAccessor(message, version).buffer(), api, version);
    }

    private static ProduceRequestData produce(int topics, int partitions) {
        var data = new ProduceRequestData();
        for (int i = 0; i < topics; i++) {
            var topic = new TopicProduceData().setName("topic-" + i);
            for (int partition = 0; partition < partitions; partition++) {
                topic.partitionData().add(new PartitionProduceData().setIndex(partition));
            }
            data.topicData().add(topic);
        }
        return data;
    }

    @Test
    void aProduceToThousandsOfTopicsAndPartitionsIsRead() {
        for (short version : new short[] {3, 8, 9, 12}) {
            var wide = produce(10_000, 2);

            var read = new ProduceRequestData(reader(ApiKeys.PRODUCE, version, wide), version);

            assertThat(read).isEqualTo(wide);
        }
    }

    @Test
    void aProduceOfTooManyElementsIsNot() {
        for (short version : new short[] {3, 8, 9, 12}) {
            var tooMany = produce(11, 10_000);

            assertThatThrownBy(() ->
                            new ProduceRequestData(
                                    reader(ApiKeys.PRODUCE, version, tooMany), version))
                    .isInstanceOf(InvalidRequestException.class);
        }
    }

    /** Topics by name, and in each settings or partitions by name or number. */
    private record Topics(int topics, String inside, int each, IntFunction<String> name)
            implements WrittenRequest.Content {
        @Override
        public int count(String path) {
            return path.equals(inside) ? each : path.contains(".") ? 0 : topics;
        }

        @Override
        public @Nullable Object value(String path, Type type, int index) {
            if (WrittenRequest.kind(type).equals("INT32")) {
                return index;
            }
            boolean isName = path.endsWith("name") && WrittenRequest.kind(type).endsWith("STRING");
            return isName ? name.apply(index) : WrittenRequest.nothing(type);
        }
    }

    private static BoundedReader reader(
            ApiKeys api, short version, WrittenRequest.Content content) {
        return new BoundedReader(WrittenRequest.of(api, version, content), api, version);
    }

    @Test
    void namesThatShareAPlaceInAGrownTableAreRefused() {
        for (int table : new int[] {2001, 4003, 16_015}) {
            var shared = new Topics(table / 2 + 1, "", 0, i -> WrittenRequest.nameOf(table * i));
            short version = 9;

            assertThatThrownBy(() ->
                            new CreateTopicsRequestData(
                                    reader(ApiKeys.CREATE_TOPICS, (short) 7, shared), (short) 7))
                    .isInstanceOf(InvalidRequestException.class);
            assertThatThrownBy(() ->
                            new ProduceRequestData(
                                    reader(ApiKeys.PRODUCE, version, alikeInProduce(table)),
                                    version))
                    .isInstanceOf(InvalidRequestException.class);
        }
    }

    /** Produce hashes the weight of a name, and nothing for the id that it has not. */
    private static Topics alikeInProduce(int table) {
        int inverse = BigInteger.valueOf(31).modInverse(BigInteger.TWO.pow(32)).intValue();
        return new Topics(table / 2 + 1, "", 0, i -> WrittenRequest.nameOf(inverse * (table * i)));
    }

    @Test
    void equalSettingsOfATopicAreRefusedBeforeTheyAreRead() {
        for (short version : new short[] {2, 5, 7}) {
            var one = new Topics(1, "topics.configs", 12_000, i -> "n");
            var several = new Topics(400, "topics.configs", 300, i -> "n");

            for (Topics topics : new Topics[] {one, several}) {
                assertThatThrownBy(() ->
                                new CreateTopicsRequestData(
                                        reader(ApiKeys.CREATE_TOPICS, version, topics), version))
                        .isInstanceOf(InvalidRequestException.class)
                        .hasMessageContaining("alike");
            }
        }
    }

    @Test
    void theSameSettingsOfThousandsOfTopicsAreRead() {
        for (short version : new short[] {2, 5, 7}) {
            var many = new Topics(5000, "topics.configs", 20, i -> "name-" + i);

            var read =
                    new CreateTopicsRequestData(
                            reader(ApiKeys.CREATE_TOPICS, version, many), version);

            assertThat(read.topics()).hasSize(5000);
            assertThat(read.topics().find("name-4999").configs()).hasSize(20);
        }
    }

    @Test
    void tenThousandPartitionsOfOneTopicAreRead() {
        short version = 7;
        var wide = new Topics(1, "topics.assignments", 10_000, i -> "t");

        var read =
                new CreateTopicsRequestData(reader(ApiKeys.CREATE_TOPICS, version, wide), version);

        assertThat(read.topics().find("t").assignments()).hasSize(10_000);
    }

    @Test
    void theSamePartitionsOfManyTopicsAreRead() {
        short version = 0;
        var many = new Topics(1000, "topics.partitions", 50, i -> "name-" + i);

        var read =
                new OffsetDeleteRequestData(reader(ApiKeys.OFFSET_DELETE, version, many), version);

        assertThat(read.topics()).hasSize(1000);
        assertThat(read.topics().find("name-999").partitions()).hasSize(50);
    }

    @Test
    void aShortRequestIsNotLookedAt() {
        short version = 0;
        var few = new Topics(400, "", 0, i -> "n");

        var read =
                new OffsetDeleteRequestData(reader(ApiKeys.OFFSET_DELETE, version, few), version);

        assertThat(read.topics()).hasSize(400);
    }

    @Test
    void aMetadataRequestOfTenThousandTopicsIsRead() {
        var data = new MetadataRequestData();
        for (int i = 0; i < 10_000; i++) {
            data.topics().add(new MetadataRequestTopic().setName("topic-" + i));
        }
        short version = 9;

        var read = new MetadataRequestData(reader(ApiKeys.METADATA, version, data), version);

        assertThat(read).isEqualTo(data);
    }

    @Test
    void aJoinOfOneMegabyteIsReadAndOneOfManyProtocolsIsNot() {
        var large = new JoinGroupRequestData();
        large.protocols()
                .add(
                        new JoinGroupRequestProtocol()
                                .setName("range")
                                .setMetadata(new byte[1 << 20]));
        var wide = new JoinGroupRequestData();
        for (int i = 0; i < 600; i++) {
            wide.protocols().add(new JoinGroupRequestProtocol().setName("p" + i));
        }
        for (short version : new short[] {2, 5, 6, 9}) {
            assertThat(
                            new JoinGroupRequestData(
                                    reader(ApiKeys.JOIN_GROUP, version, large), version))
                    .isEqualTo(large);
            assertThatThrownBy(() ->
                            new JoinGroupRequestData(
                                    reader(ApiKeys.JOIN_GROUP, version, wide), version))
                    .isInstanceOf(InvalidRequestException.class);
        }
    }
}

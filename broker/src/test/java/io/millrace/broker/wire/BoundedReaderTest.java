package io.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

final class BoundedReaderTest {
    private static BoundedReader reader(ApiKeys api, short version, ApiMessage message) {
        return new BoundedReader(MessageUtil.toByteBufferAccessor(message, version).buffer(), api);
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

    @Test
    void namesThatShareAPlaceInAGrownTableAreRefused() {
        for (int table : new int[] {2001, 4003, 16_015}) {
            var shared = new ProduceRequestData();
            for (int i = 0; shared.topicData().size() < 600; i++) {
                var topic = new TopicProduceData().setName("n" + i);
                if ((topic.hashCode() & Integer.MAX_VALUE) % table == 7) {
                    shared.topicData().add(topic);
                }
            }
            short version = 9;

            assertThatThrownBy(() ->
                            new ProduceRequestData(
                                    reader(ApiKeys.PRODUCE, version, shared), version))
                    .isInstanceOf(InvalidRequestException.class);
        }
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

package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.wire.keyed.WrittenRequest;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.Subtopology;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.TopicInfo;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever comes from a socket, the broker answers with an error or closes that connection, and
 * goes on serving others. {@code -Dmillrace.fuzz.frames=1000000} makes the long run.
 */
final class HostileInputTest {
    private static final int FRAMES = Integer.getInteger("millrace.fuzz.frames", 20_000);
    private static final int TIMEOUT_MS = 30_000;

    /** Has indexes lie apart in the collection of the generated requests, which else is slow. */
    private static final int SPREAD = 0x9E3779B1;

    @TempDir Path folder = Path.of("unset");
    private @Nullable Millrace started;

    @BeforeEach
    void start() throws ExecutionException, InterruptedException {
        started =
                Millrace.start(
                        BrokerConfig.of(
                                Map.of(
                                        BrokerKeys.DATA_DIR,
                                        folder.toString(),
                                        BrokerKeys.PORT,
                                        "0",
                                        "socket.request.max.bytes",
                                        "1000000",
                                        "queued.max.request.bytes",
                                        "4000000",
                                        "millrace.durability",
                                        "os")));
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker().bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
        }
    }

    @AfterEach
    void stop() {
        broker().close();
    }

    private Millrace broker() {
        return Objects.requireNonNull(started);
    }

    private Socket connect() throws IOException {
        var socket = new Socket();
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), broker().port()),
                TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    private static byte[] frame(ApiKeys api, short version) {
        return frame(api, version, api.messageType.newRequest());
    }

    private static byte[] frame(ApiKeys api, short version, ApiMessage request) {
        var header = new RequestHeader(api, version, "fuzz", 7);
        var head = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer();
        ByteBufferAccessor body = MessageUtil.toByteBufferAccessor(request, version);
        return frame(head, body.buffer());
    }

    private static byte[] frame(ByteBuffer head, ByteBuffer body) {
        int size = head.remaining() + body.remaining();
        byte[] frame = new byte[4 + size];
        ByteBuffer.wrap(frame).putInt(size).put(head).put(body);
        return frame;
    }

    private void assertServes() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(frame(ApiKeys.API_VERSIONS, (short) 0));
            var in = new DataInputStream(socket.getInputStream());
            int size = in.readInt();
            assertThat(size).isPositive();
            assertThat(in.readInt()).isEqualTo(7);
            assertThat(in.readShort()).isZero();
        }
    }

    private boolean isClosedAfter(byte[] bytes) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes);
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    @Test
    void lengthsThatLieCloseTheConnection() throws IOException {
        for (int length : new int[] {-1, 0, Integer.MIN_VALUE, Integer.MAX_VALUE, 1_000_001}) {
            byte[] bytes = ByteBuffer.allocate(20).putInt(length).array();
            assertThat(isClosedAfter(bytes)).as("length %d", length).isTrue();
        }
        assertServes();
    }

    @Test
    void unknownApisAndVersionsCloseTheConnection() throws IOException {
        for (int api : new int[] {-1, 999, 32767, ApiKeys.VOTE.id, ApiKeys.SHARE_FETCH.id}) {
            byte[] bytes = frame(ApiKeys.METADATA, (short) 1);
            ByteBuffer.wrap(bytes).putShort(4, (short) api);
            assertThat(isClosedAfter(bytes)).as("api %d", api).isTrue();
        }
        byte[] bytes = frame(ApiKeys.METADATA, (short) 1);
        ByteBuffer.wrap(bytes).putShort(6, (short) 99);
        assertThat(isClosedAfter(bytes)).isTrue();
        assertServes();
    }

    @Test
    void aNewerApiVersionsGetsTheVersionsInTheOldForm() throws IOException {
        byte[] bytes = frame(ApiKeys.API_VERSIONS, ApiKeys.API_VERSIONS.latestVersion());
        ByteBuffer.wrap(bytes).putShort(6, (short) 99);
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes);
            var in = new DataInputStream(socket.getInputStream());
            in.readInt();
            assertThat(in.readInt()).isEqualTo(7);
            assertThat(in.readShort()).isEqualTo((short) 35);
            assertThat(in.readInt()).isGreaterThan(20);
        }
    }

    @Test
    void everyServedVersionOfEveryApiIsAnsweredOrRefused() throws IOException {
        for (ApiKeys api : ApiKeys.brokerApis()) {
            for (short version : api.allVersions()) {
                if (api.messageType.lowestSupportedVersion() > version) {
                    continue;
                }
                try (Socket socket = connect()) {
                    socket.getOutputStream().write(frame(api, version));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (java.net.SocketException reset) {
                    assertServes();
                }
            }
        }
        assertServes();
    }

    @Test
    void mutatedRequestsHarmNobody() throws IOException {
        var random = new Random(42);
        List<byte[]> seeds = new ArrayList<>();
        for (ApiKeys api : ApiKeys.brokerApis()) {
            for (short version : api.allVersions()) {
                if (api.isVersionEnabled(version, false)) {
                    seeds.add(frame(api, version));
                }
            }
        }
        seeds.addAll(RealRequests.frames());
        int sent = 0;
        while (sent < FRAMES) {
            try (Socket socket = connect()) {
                OutputStream out = socket.getOutputStream();
                for (int i = 0; i < 20; i++) {
                    out.write(mutate(seeds.get(random.nextInt(seeds.size())), random));
                    sent++;
                }
            } catch (IOException closedByTheBroker) {
                sent++;
            }
        }
        assertServes();
        assertThat(Runtime.getRuntime().totalMemory()).isLessThan(1L << 30);
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        int flips = random.nextInt(5);
        for (int i = 0; i < flips; i++) {
            bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
        }
        if (random.nextInt(10) == 0) {
            byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + random.nextInt(64));
            ByteBuffer.wrap(longer).putInt(0, longer.length - 4);
            return longer;
        }
        return bytes;
    }

    private ByteBufferAccessor answer(ApiKeys api, short version, ApiMessage request)
            throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(frame(api, version, request));
            var in = new DataInputStream(socket.getInputStream());
            var bytes = ByteBuffer.wrap(in.readNBytes(in.readInt()));
            int headerBytes = api.responseHeaderVersion(version) == 0 ? 4 : 5;
            return new ByteBufferAccessor(bytes.position(headerBytes).slice());
        }
    }

    @Test
    void aResourceThatIsNamedVeryOftenIsDescribedOnce() throws IOException {
        var often = new DescribeConfigsRequestData();
        for (int i = 0; i < 20_000; i++) {
            often.resources()
                    .add(
                            new DescribeConfigsRequestData.DescribeConfigsResource()
                                    .setResourceType((byte) 2)
                                    .setResourceName("t")
                                    .setConfigurationKeys(null));
        }
        short version = 4;

        var bytes = answer(ApiKeys.DESCRIBE_CONFIGS, version, often);

        assertThat(bytes.remaining()).isLessThan(2_000_000);
        var results = new DescribeConfigsResponseData(bytes, version).results();
        assertThat(results).hasSize(20_000);
        assertThat(results.getFirst().configs()).hasSizeGreaterThan(20);
        assertThat(results.getLast().errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void topicsThatLeaveTheirPartitionsToTheBrokerAreCountedToo() throws IOException {
        var many = new CreateTopicsRequestData().setValidateOnly(true);
        for (int i = 0; i < 10_001; i++) {
            many.topics()
                    .add(
                            new CreateTopicsRequestData.CreatableTopic()
                                    .setName("n" + i)
                                    .setNumPartitions(-1)
                                    .setReplicationFactor((short) -1));
        }
        short version = 5;

        var answer =
                new CreateTopicsResponseData(answer(ApiKeys.CREATE_TOPICS, version, many), version);

        assertThat(answer.topics())
                .allSatisfy(topic ->
                        assertThat(topic.errorCode()).isEqualTo(Errors.POLICY_VIOLATION.code()));
    }

    @Test
    void namesThatAllHashAlikeHoldUpNobody() throws IOException {
        var colliding = new MetadataRequestData().setAllowAutoTopicCreation(false);
        int letters = 14;
        for (int i = 0; i < 1 << letters; i++) {
            var name = new StringBuilder();
            for (int bit = 0; bit < letters; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            colliding.topics().add(new MetadataRequestTopic().setName(name.toString()));
        }

        assertThat(isClosedAfter(frame(ApiKeys.METADATA, (short) 9, colliding))).isTrue();
        assertServes();
    }

    @Test
    void aTopicWithOneSettingThousandsOfTimesHoldsUpNobody() throws IOException {
        short version = 5;
        var header = new RequestHeader(ApiKeys.CREATE_TOPICS, version, "fuzz", 7);
        var head = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer();
        var repeated =
                WrittenRequest.named(Map.of("topics", 1, "topics.configs", 12_000), "retention.ms");
        ByteBuffer body = WrittenRequest.of(ApiKeys.CREATE_TOPICS, version, repeated);

        assertThat(isClosedAfter(frame(head, body))).isTrue();
        assertServes();
    }

    private ShareFetchResponseData shareFetch(String group, int partitions) throws IOException {
        var named = new ShareFetchRequestData.FetchPartitionCollection();
        for (int i = 0; i < partitions; i++) {
            int index = i * SPREAD;
            named.add(new ShareFetchRequestData.FetchPartition().setPartitionIndex(index));
        }
        var topics = new ShareFetchRequestData.FetchTopicCollection();
        topics.add(
                new ShareFetchRequestData.FetchTopic()
                        .setTopicId(new Uuid(1, 2))
                        .setPartitions(named));
        var body =
                new ShareFetchRequestData()
                        .setGroupId(group)
                        .setMemberId("m")
                        .setShareSessionEpoch(0)
                        .setMaxWaitMs(100)
                        .setMaxBytes(1000)
                        .setMaxRecords(1)
                        .setTopics(topics);
        short version = ApiKeys.SHARE_FETCH.latestVersion();
        return new ShareFetchResponseData(answer(ApiKeys.SHARE_FETCH, version, body), version);
    }

    @Test
    void aShareFetchOfVeryManyPartitionsIsAnswered() throws IOException {
        var told = shareFetch("g", 15_000).responses().iterator().next().partitions();

        assertThat(told).hasSize(15_000);
        assertThat(told)
                .allSatisfy(partition ->
                        assertThat(partition.errorCode())
                                .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code()));
    }

    @Test
    void aShareSessionIsBoundedInWhatItNames() throws IOException {
        assertThat(shareFetch("g", 100_000).errorCode())
                .isEqualTo(Errors.SHARE_SESSION_LIMIT_REACHED.code());
        assertThat(shareFetch("g".repeat(30_000), 1).errorCode())
                .isEqualTo(Errors.INVALID_GROUP_ID.code());
    }

    @Test
    void aStreamsTopologyOfManyPartsThatFeedEachOtherHoldsUpNobody() throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker().bootstrapServers()))) {
            admin.listConsumerGroupOffsets("g").all().get();
        }
        int parts = 10_000;
        var topology = new StreamsGroupHeartbeatRequestData.Topology().setEpoch(1);
        topology.subtopologies().add(part("t").setSourceTopics(List.of("t")));
        for (int i = 0; i < parts; i++) {
            topology.subtopologies()
                    .add(
                            part("s" + i)
                                    .setRepartitionSourceTopics(
                                            List.of(new TopicInfo().setName("r" + (i + 1))))
                                    .setRepartitionSinkTopics(List.of("r" + i)));
        }
        topology.subtopologies().getFirst().setRepartitionSinkTopics(List.of("r" + parts));
        var joins =
                new StreamsGroupHeartbeatRequestData()
                        .setGroupId("g")
                        .setMemberId("m")
                        .setProcessId("p")
                        .setRebalanceTimeoutMs(1000)
                        .setTopology(topology)
                        .setActiveTasks(List.of())
                        .setStandbyTasks(List.of())
                        .setWarmupTasks(List.of());
        short version = 0;

        var bytes = answer(ApiKeys.STREAMS_GROUP_HEARTBEAT, version, joins);

        var answer = new StreamsGroupHeartbeatResponseData(bytes, version);
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        assertThat(answer.status()).hasSize(1);
    }

    private static Subtopology part(String id) {
        return new Subtopology().setSubtopologyId(id);
    }

    /** A request whose array, the last before its tagged fields, has elements of these bytes. */
    private static byte[] withElements(ApiKeys api, short version, int count, byte... element) {
        ByteBuffer empty = ByteBuffer.wrap(frame(api, version));
        var request = ByteBuffer.allocate(empty.capacity() + 3 + count * element.length);
        request.put(empty.limit(empty.capacity() - 2));
        new ByteBufferAccessor(request).writeUnsignedVarint(count + 1);
        for (int i = 0; i < count; i++) {
            request.put(element);
        }
        byte[] bytes = new byte[request.put((byte) 0).flip().remaining()];
        request.get(bytes);
        ByteBuffer.wrap(bytes).putInt(0, bytes.length - 4);
        return bytes;
    }

    @Test
    void keysThatHashAlikeAreRefusedBeforeTheyAreCollected() throws IOException {
        int many = 10_000;
        byte one = 1;
        byte none = 0;

        assertThat(isClosedAfter(withElements(ApiKeys.JOIN_GROUP, (short) 6, many, one, one, none)))
                .isTrue();
        assertThat(isClosedAfter(withElements(ApiKeys.PRODUCE, (short) 9, many, one, one, none)))
                .isTrue();
        assertThat(
                        isClosedAfter(
                                withElements(
                                        ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                                        (short) 4,
                                        many,
                                        one,
                                        one,
                                        none)))
                .isTrue();
        assertThat(
                        isClosedAfter(
                                withElements(
                                        ApiKeys.ADD_PARTITIONS_TO_TXN,
                                        (short) 3,
                                        many,
                                        one,
                                        one,
                                        none)))
                .isTrue();
        assertServes();
    }

    @Test
    void slowWritersAndIdleConnectionsHoldUpNobody() throws IOException {
        var idle = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 500; i++) {
                Socket socket = connect();
                idle.add(socket);
                if (i % 2 == 0) {
                    socket.getOutputStream().write(new byte[] {0, 15, 0, 0, 0, 3, 0});
                }
            }
            assertServes();
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void aReaderThatNeverReadsHoldsUpNobody() throws IOException {
        try (Socket socket = connect()) {
            byte[] request = frame(ApiKeys.METADATA, (short) 1);
            socket.setSoTimeout(200);
            OutputStream out = socket.getOutputStream();
            var writer =
                    new Thread(() -> {
                        try {
                            for (int i = 0; i < 200_000; i++) {
                                out.write(request);
                            }
                        } catch (IOException blockedUntilClosed) {
                            Thread.currentThread().interrupt();
                        }
                    });
            writer.setDaemon(true);
            writer.start();
            for (int i = 0; i < 20; i++) {
                assertServes();
            }
        }
    }
}

package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.net.Transport;
import io.millrace.broker.wire.PeerAddress;
import io.millrace.broker.wire.Peers;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests from broker to broker: answers, and every way in which none comes. */
final class PeersTest {
    private static final int TIMEOUT_MS = 2_000;
    private static final int LARGEST_ANSWER_BYTES = 1 << 20;

    @TempDir Path folder = Path.of("unset");

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, Transport.best().ioHandlers());
    private final Peers peers =
            new Peers(
                    loops,
                    Transport.best(),
                    new Peers.PeerSettings("peer", TIMEOUT_MS, LARGEST_ANSWER_BYTES));

    @AfterEach
    void stop() {
        peers.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Millrace broker(int port) {
        return Millrace.start(
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                folder.toString(),
                                BrokerKeys.PORT,
                                Integer.toString(port))));
    }

    private CompletableFuture<ApiMessage> ask(int port) {
        return peers.send(
                new PeerAddress("127.0.0.1", port),
                ApiKeys.METADATA,
                (short) 12,
                new MetadataRequestData());
    }

    /** A peer that answers each request with what {@code answer} makes of its first bytes. */
    private static ServerSocket peer(UnaryOperator<byte[]> answer) throws IOException {
        var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual()
                .start(() -> {
                    try (Socket client = server.accept()) {
                        var in = new DataInputStream(client.getInputStream());
                        while (true) {
                            byte[] request = in.readNBytes(in.readInt());
                            client.getOutputStream().write(answer.apply(request));
                        }
                    } catch (IOException e) {
                        // The test is over, or the connection was closed, as it should be.
                    }
                });
        return server;
    }

    @Test
    void requestsAreAnsweredInOrder() throws ExecutionException, InterruptedException {
        try (var broker = broker(0)) {
            var to = new PeerAddress("127.0.0.1", broker.port());
            List<CompletableFuture<ApiMessage>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(ask(broker.port()));
                answers.add(
                        peers.send(
                                to,
                                ApiKeys.API_VERSIONS,
                                (short) 3,
                                new ApiVersionsRequestData()
                                        .setClientSoftwareName("peer")
                                        .setClientSoftwareVersion("1")));
            }

            for (int i = 0; i < answers.size(); i += 2) {
                assertThat(((MetadataResponseData) answers.get(i).get()).brokers()).hasSize(1);
                assertThat(((ApiVersionsResponseData) answers.get(i + 1).get()).apiKeys())
                        .isNotEmpty();
            }
        }
    }

    @Test
    void aSlowAnswerHoldsUpItsOwnKindOnly() throws IOException {
        try (var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var first = ask(server.getLocalPort());
            var other =
                    peers.send(
                            new PeerAddress("127.0.0.1", server.getLocalPort()),
                            ApiKeys.API_VERSIONS,
                            (short) 3,
                            new ApiVersionsRequestData());
            try (Socket one = server.accept();
                    Socket two = server.accept()) {
                assertThat(one.getPort()).isNotEqualTo(two.getPort());
                assertThat(first.isDone() || other.isDone()).isFalse();
            }
        }
    }

    @Test
    void aBrokerThatCameBackIsReachedAgain() throws ExecutionException, InterruptedException {
        int port;
        try (var broker = broker(0)) {
            port = broker.port();
            ask(port).get();
        }
        assertThatThrownBy(() -> ask(port).get()).hasCauseInstanceOf(IOException.class);

        try (var broker = broker(port)) {
            assertThat(ask(broker.port()).get()).isInstanceOf(MetadataResponseData.class);
        }
    }

    @Test
    void aPeerThatDoesNotAnswerIsGivenUp() throws IOException {
        try (var silent = peer(request -> new byte[0])) {
            assertThatThrownBy(() -> ask(silent.getLocalPort()).get())
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("did not answer Metadata within");
        }
    }

    @Test
    void anAnswerToSomethingElseBreaksTheConnection() throws IOException {
        byte[] wrong = ByteBuffer.allocate(8).putInt(4).putInt(99).array();
        try (var confused = peer(request -> wrong)) {
            assertThatThrownBy(() -> ask(confused.getLocalPort()).get())
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("answers nonsense");
        }
    }

    @Test
    void anAnswerThatAnnouncesTooMuchBreaksTheConnection() throws IOException {
        byte[] huge = ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).array();
        try (var greedy = peer(request -> huge)) {
            assertThatThrownBy(() -> ask(greedy.getLocalPort()).get())
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("broke");
        }
    }

    @Test
    void nothingIsAskedAfterTheEnd() {
        peers.close();

        assertThatThrownBy(() -> ask(1).get())
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("stopping");
    }
}

package io.millrace.cluster.quorum;

import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.jspecify.annotations.Nullable;

/** The smallest server that the nodes of a quorum can talk to; a thread a connection. */
final class ControllerListener implements AutoCloseable {
    static final String NAME = "CONTROLLER";
    private static final String CLIENT_PREFIX = "raft-client-";

    private final int nodeId;
    private final Cuts cuts;
    private final ServerSocket server;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private volatile @Nullable RaftQuorum quorum;

    ControllerListener(int nodeId, int port, Cuts cuts) throws IOException {
        this.nodeId = nodeId;
        this.cuts = cuts;
        server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    }

    int port() {
        return server.getLocalPort();
    }

    void serve(RaftQuorum served) {
        quorum = served;
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> answerAll(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answerAll(Socket connection) {
        try (connection;
                var in = new DataInputStream(connection.getInputStream());
                var out = new DataOutputStream(connection.getOutputStream())) {
            connection.setTcpNoDelay(true);
            while (true) {
                byte[] frame = in.readNBytes(in.readInt());
                byte[] answer = answer(ByteBuffer.wrap(frame));
                if (answer.length == 0) {
                    return;
                }
                out.writeInt(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (IOException e) {
            // The other side has gone.
        } finally {
            connections.remove(connection);
        }
    }

    private byte[] answer(ByteBuffer frame) {
        RequestHeader header = RequestHeader.parse(frame);
        int from = Integer.parseInt(header.clientId().substring(CLIENT_PREFIX.length()));
        RaftQuorum served = quorum;
        if (served == null || cuts.between(nodeId, from)) {
            return new byte[0];
        }
        ApiMessage answer;
        if (header.apiKey() == ApiKeys.API_VERSIONS) {
            answer = versions();
        } else {
            ApiMessage request =
                    AbstractRequest.parseRequest(
                                    header.apiKey(),
                                    header.apiVersion(),
                                    new ByteBufferAccessor(frame))
                            .request
                            .data();
            answer = served.handle(NAME, header.apiVersion(), request).join();
        }
        if (cuts.between(nodeId, from)) {
            return new byte[0];
        }
        ByteBuffer bytes =
                RequestUtils.serialize(
                        header.toResponseHeader().data(),
                        header.toResponseHeader().headerVersion(),
                        answer,
                        header.apiVersion());
        var copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    private static ApiMessage versions() {
        var versions = new ApiVersionsResponseData();
        for (ApiKeys key :
                Set.of(
                        ApiKeys.API_VERSIONS,
                        ApiKeys.VOTE,
                        ApiKeys.BEGIN_QUORUM_EPOCH,
                        ApiKeys.END_QUORUM_EPOCH,
                        ApiKeys.FETCH,
                        ApiKeys.FETCH_SNAPSHOT,
                        ApiKeys.DESCRIBE_QUORUM,
                        ApiKeys.ADD_RAFT_VOTER,
                        ApiKeys.REMOVE_RAFT_VOTER,
                        ApiKeys.UPDATE_RAFT_VOTER)) {
            versions.apiKeys()
                    .add(
                            new ApiVersionsResponseData.ApiVersion()
                                    .setApiKey(key.id)
                                    .setMinVersion(key.oldestVersion())
                                    .setMaxVersion(key.latestVersion()));
        }
        versions.supportedFeatures()
                .add(
                        new ApiVersionsResponseData.SupportedFeatureKey()
                                .setName("kraft.version")
                                .setMinVersion((short) 0)
                                .setMaxVersion((short) 1));
        return versions;
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

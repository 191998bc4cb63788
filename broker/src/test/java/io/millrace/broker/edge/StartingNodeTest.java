package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.disk.RealDisk;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that has started and takes no part yet. */
@Timeout(240)
final class StartingNodeTest {
    private static final short API_VERSIONS = 18;
    private static final int CORRELATION = 4711;

    /** It knows nothing, or what was once: clients took that for the cluster. */
    @Test
    void clientsAreAnsweredOnceItHasJoined(@TempDir Path folder) throws Exception {
        int port = Nodes.freePorts(1).getFirst();
        var settings = Map.of(Nodes.PORT_OF + 1, Integer.toString(port));
        try (var client = new Socket()) {
            try (var _ =
                    new Nodes(
                            folder,
                            2,
                            settings,
                            id -> id == 1 ? new RealDisk() : diskOnceAsked(client, port))) {
                client.setSoTimeout(0);
                var answer = new DataInputStream(client.getInputStream());
                assertThat(answer.readInt()).isPositive();
                assertThat(answer.readInt()).isEqualTo(CORRELATION);
            }
        }
    }

    /** The second node begins to start when the first has been asked and says nothing. */
    private static RealDisk diskOnceAsked(Socket client, int port) {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> isBound(port));
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            client.getOutputStream().write(request());
            client.setSoTimeout(500);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
            return new RealDisk();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isBound(int port) throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return true;
    }

    private static byte[] request() {
        return ByteBuffer.allocate(14)
                .putInt(10)
                .putShort(API_VERSIONS)
                .putShort((short) 0)
                .putInt(CORRELATION)
                .putShort((short) -1)
                .array();
    }
}

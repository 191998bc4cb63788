package io.millrace.bench.lab.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the network understands of requests, against Kafka's own encoding. */
final class ProduceFrameTest {
    @Test
    void theAcksOfEveryVersionAreFound() {
        for (short version = ApiKeys.PRODUCE.oldestVersion();
                version <= ApiKeys.PRODUCE.latestVersion();
                version++) {
            assertThat(ProduceFrame.of(frame(produce((short) 0, null, version))))
                    .as("version %d", version)
                    .isEqualTo(new ProduceFrame(true, false));
            assertThat(ProduceFrame.of(frame(produce((short) -1, "a-transaction", version))))
                    .as("version %d", version)
                    .isEqualTo(new ProduceFrame(true, true));
        }
    }

    @Test
    void otherRequestsAreAnswered() {
        var request = MetadataRequest.Builder.allTopics().build();

        assertThat(ProduceFrame.of(frame(request))).isEqualTo(new ProduceFrame(false, true));
    }

    private static AbstractRequest produce(
            short acks, @Nullable String transaction, short version) {
        var data =
                new ProduceRequestData()
                        .setAcks(acks)
                        .setTimeoutMs(1_000)
                        .setTransactionalId(transaction);
        return new ProduceRequest(data, version);
    }

    private static byte[] frame(AbstractRequest request) {
        ByteBuffer body =
                request.serializeWithHeader(
                        new RequestHeader(request.apiKey(), request.version(), "a client", 5));
        ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + body.remaining());
        return framed.putInt(body.remaining()).put(body).array();
    }
}

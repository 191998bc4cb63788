package io.millrace.broker.handler.quorum;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.QuorumDescription;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

final class DescribeControllersHandlerTest {
    private static final short VERSION = 2;

    private final AtomicInteger asked = new AtomicInteger();

    /** A node that knows who leads from the given time on that it is asked. */
    private DescribeClusterResponseData askWhereOneLeadsFrom(int time) {
        var handler =
                new DescribeControllersHandler(
                        "a-cluster",
                        () -> Map.of(1, InetSocketAddress.createUnresolved("localhost", 9093)),
                        () -> description(asked.incrementAndGet() >= time));
        var body = new DescribeClusterRequestData().setEndpointType((byte) 2);
        var answered = new CompletableFuture<Request>();
        handler.handle(
                new Request(
                        new RequestHeader(ApiKeys.DESCRIBE_CLUSTER, VERSION, "test", 1),
                        new DescribeClusterRequest.Builder(body).build(VERSION),
                        new Client("/", "test", 1),
                        answered::complete,
                        0,
                        null));
        return (DescribeClusterResponseData) requireNonNull(answered.join().response()).data();
    }

    private static CompletableFuture<QuorumDescription> description(boolean led) {
        return CompletableFuture.completedFuture(
                new QuorumDescription(
                        led ? OptionalInt.of(1) : OptionalInt.empty(),
                        3,
                        OptionalLong.empty(),
                        List.of(),
                        List.of()));
    }

    @Test
    void whoLeadsIsToldAtOnce() {
        assertThat(askWhereOneLeadsFrom(1).controllerId()).isEqualTo(1);
        assertThat(asked).hasValue(1);
    }

    /** Kafka's admin client would ask nobody again, and its tools would end after a minute. */
    @Test
    void whileNobodyLeadsTheAnswerWaits() {
        assertThat(askWhereOneLeadsFrom(3).controllerId()).isEqualTo(1);
        assertThat(asked).hasValue(3);
    }

    @Test
    void whereNobodyComesToLeadThatIsToldInTheEnd() {
        DescribeClusterResponseData told = askWhereOneLeadsFrom(Integer.MAX_VALUE);

        assertThat(told.controllerId()).isEqualTo(-1);
        assertThat(told.brokers()).hasSize(1);
    }
}

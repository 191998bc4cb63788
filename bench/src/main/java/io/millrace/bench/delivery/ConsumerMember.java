package io.millrace.bench.delivery;

import io.millrace.bench.load.BrokerConnection;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;

/** A member by the consumer protocol (KIP-848). It gives up, and takes, at once. */
final class ConsumerMember extends Member {
    private static final short HEARTBEAT = 1;
    private static final int LEAVING = -1;
    private static final int TIMEOUT_MS = 30_000;

    private final String id = Uuid.randomUuid().toString();
    private final Target target;
    private final String group;
    private final Agreement agreement;
    private int epoch;
    private List<Integer> owned = List.of();
    private boolean hasNews;

    ConsumerMember(Target target, String group, Agreement agreement) {
        this.target = target;
        this.group = group;
        this.agreement = agreement;
    }

    @Override
    public Boolean run() throws IOException, InterruptedException {
        try (var connection = new BrokerConnection(target.broker())) {
            while (!isStopped()) {
                beat(connection);
                if (!hasNews) {
                    agreement.settled(this, epoch, owned.size());
                    pause();
                }
            }
            agreement.unsettled(this);
            epoch = LEAVING;
            ask(connection);
        }
        return true;
    }

    private void beat(BrokerConnection connection) throws IOException, InterruptedException {
        ConsumerGroupHeartbeatResponseData answer = ask(connection);
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE) {
            if (!isToBeAskedAgain(error)) {
                throw unexpected("ConsumerGroupHeartbeat", error);
            }
            hasNews = true;
            return;
        }
        epoch = answer.memberEpoch();
        hasNews = false;
        if (answer.assignment() != null) {
            var assigned = new ArrayList<Integer>();
            answer.assignment()
                    .topicPartitions()
                    .forEach(topic -> assigned.addAll(topic.partitions()));
            hasNews = !assigned.equals(owned);
            owned = assigned;
        }
    }

    private ConsumerGroupHeartbeatResponseData ask(BrokerConnection connection) throws IOException {
        var request =
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(id)
                        .setMemberEpoch(epoch)
                        .setTopicPartitions(null);
        if (epoch == 0) {
            request.setRebalanceTimeoutMs(TIMEOUT_MS)
                    .setSubscribedTopicNames(List.of(target.topic()))
                    .setTopicPartitions(List.of());
        } else if (hasNews) {
            request.setTopicPartitions(
                    owned.isEmpty()
                            ? List.of()
                            : List.of(
                                    new TopicPartitions()
                                            .setTopicId(target.id())
                                            .setPartitions(owned)));
        }
        ByteBuffer answer =
                connection.ask(new ConsumerGroupHeartbeatRequest.Builder(request).build(HEARTBEAT));
        return ConsumerGroupHeartbeatResponse.parse(new ByteBufferAccessor(answer), HEARTBEAT)
                .data();
    }
}

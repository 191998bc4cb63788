package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.controller.Command.CreatePartitions;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;

/** CreatePartitions: more partitions for topics that are there. */
public final class CreatePartitionsHandler implements ApiHandler {
    private final Topics topics;

    public CreatePartitionsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CREATE_PARTITIONS;
    }

    @Override
    public void handle(Request request) {
        CreatePartitionsRequestData data = request.body(CreatePartitionsRequest.class).data();
        var commands = new ArrayList<CreatePartitions>();
        data.topics().forEach(topic -> commands.add(command(topic)));
        if (data.validateOnly()) {
            ClusterImage image = topics.image();
            answer(
                    request,
                    commands,
                    commands.stream().map(command -> Controller.decide(image, command)).toList());
            return;
        }
        MetadataErrors.whenDone(
                topics.metadata().submit(commands),
                request,
                outcome -> answer(request, commands, outcome.decisions()));
    }

    private static CreatePartitions command(CreatePartitionsTopic topic) {
        var assignments = new ArrayList<List<Integer>>();
        if (topic.assignments() != null) {
            topic.assignments().forEach(assignment -> assignments.add(assignment.brokerIds()));
        }
        return new CreatePartitions(topic.name(), topic.count(), assignments);
    }

    private static void answer(
            Request request, List<CreatePartitions> commands, List<Decision> decisions) {
        var response = new CreatePartitionsResponseData();
        for (int i = 0; i < commands.size(); i++) {
            var result = new CreatePartitionsTopicResult().setName(commands.get(i).topic());
            switch (decisions.get(i)) {
                case Decision.Accepted accepted -> result.setErrorCode(Errors.NONE.code());
                case Decision.Refused(Decision.Reason reason, String message) ->
                        result.setErrorCode(MetadataErrors.of(reason).code())
                                .setErrorMessage(message);
            }
            response.results().add(result);
        }
        request.answer(new CreatePartitionsResponse(response));
    }
}

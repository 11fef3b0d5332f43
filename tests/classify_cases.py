"""Failures written for this project from the vendors' documentation: `STATUS | CATEGORY … | BODY`, one a line."""

CASES = r"""
401 | auth | {"error":{"message":"You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth","type":"invalid_request_error","param":null,"code":null}}
401 | auth permission | {"error":{"message":"You must be a member of an organization to use the API.","type":"invalid_request_error"}}
403 | model_not_found permission | {"error":{"message":"Project `proj_x` does not have access to model `gpt-4o`","type":"invalid_request_error","code":"model_not_found"}}
403 | auth permission | {"error":{"message":"Your account has been deactivated","code":"account_deactivated"}}
413 | bad_request | {"error":{"message":"Request too large for model `x` in organization on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}
400 | model_not_found | {"error":{"message":"The model `gemma-7b-it` has been decommissioned and is no longer supported.","type":"invalid_request_error","code":"model_decommissioned"}}
400 | model_not_found | {"error":"invalid model ID","code":"x"}
400 | bad_request | {"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude"}}
400 | permission quota_exhausted auth bad_request | {"type":"error","error":{"type":"invalid_request_error","message":"Your organization has been disabled."}}
529 | overloaded gateway | <html>Overloaded</html>
403 | auth permission | {"error":{"code":403,"message":"Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.","status":"PERMISSION_DENIED"}}
403 | auth permission | {"error":{"code":403,"message":"Your API key was reported as leaked. Please use another API key.","status":"PERMISSION_DENIED"}}
400 | region_blocked | {"error":{"code":400,"message":"Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio.","status":"FAILED_PRECONDITION"}}
503 | overloaded | {"error":{"code":503,"message":"This model is currently experiencing high demand. Spikes in demand are usually temporary.","status":"UNAVAILABLE"}}
503 | overloaded server_error | {"error":{"code":503,"message":"The service is currently unavailable.","status":"UNAVAILABLE"}}
500 | server_error | {"error":{"code":500,"message":"Internal error encountered.","status":"INTERNAL"}}
429 | rate_limited | {"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-02-01 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}
401 | auth | {"statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired."}
401 | permission auth | {"error":{"code":"PermissionDenied","message":"The principal `x` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST`"}}
400 | bad_request model_not_found | {"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work with the specified model, davinci. Please choose different model and try again."}}
403 | permission | {"Message":"User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel on resource: arn"}
403 | permission model_not_found | {"message":"You don't have access to the model with the specified model ID."}
424 | server_error | {"message":"The system encountered an unexpected error during processing. Try your request again.","originalStatusCode":500}
401 | auth | {"message":"no api key supplied"}
401 | auth | {"message":"invalid api token"}
429 | rate_limited | {"message":"Requests rate limit exceeded"}
429 | rate_limited | {"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}
400 | model_not_found | {"object":"error","message":"Invalid model: mistral-foo","type":"invalid_model","param":null,"code":"1500"}
402 | quota_exhausted | {"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}
401 | auth | {"error":{"message":"Authentication Fails (no such user)","type":"authentication_error"}}
503 | overloaded | {"error":{"message":"Service is too busy. We advise users to temporarily switch to alternative LLM API service providers","type":"service_unavailable_error"}}
404 | model_not_found | {"code":"Some requested entity was not found","error":"The model grok-9 does not exist or your team t does not have access to it."}
429 | rate_limited | {"code":"resource-exhausted","error":"Too many requests for team t and model m. Your team's rate limit is 60 RPM"}
404 | model_not_found | {"error":{"message":"Model not found, inaccessible, and/or not deployed","code":"NOT_FOUND"}}
412 | quota_exhausted | {"error":"Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."}
404 | model_not_found | {"error":{"message":"No endpoints found for x/y.","code":404}}
404 | model_not_found permission | {"error":{"message":"No endpoints found matching your data policy (Free model publication).","code":404}}
403 | content_filtered | {"error":{"message":"x requires moderation on y. Your input was flagged for \"harassment\". No credits were charged.","code":403,"metadata":{"reasons":["harassment"],"flagged_input":"…"}}}
429 | quota_exhausted rate_limited | {"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1757462400000"}}}}
429 | rate_limited | {"error":{"message":"Rate limit exceeded: free-models-per-min. ","code":429}}
200 | server_error gateway | {"error":{"message":"Internal Server Error","code":500}}
401 | auth | {"error":{"message":"User not found.","code":401}}
429 | quota_exhausted rate_limited | {"message":"Requests per day limit exceeded - too many requests sent.","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}
401 | auth | {"message":"Wrong API Key","type":"invalid_request_error","param":"api_key","code":"wrong_api_key"}
400 | model_not_found | {"error":"Model x does not exist"}
503 | overloaded server_error gateway | {"error":"Service Unavailable"}
504 | overloaded | {"error":"Model too busy, unable to get response in less than 60 second(s)"}
403 | permission | {"error":"This authentication method does not have sufficient permissions to call Inference Providers on behalf of user x"}
404 | model_not_found wrong_endpoint | {"status":404,"title":"Not Found","detail":"Function 'x': Not found for account 'y'"}
403 | auth permission | {"status":403,"title":"Forbidden","detail":"Authorization failed"}
401 | auth | {"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}
429 | rate_limited | {"error":{"message":"Your account org-x request reached organization max concurrency: 3, please try again after 1 seconds","type":"rate_limit_reached_error"}}
404 | model_not_found | {"error":{"message":"Not found the model m or Permission denied","type":"resource_not_found_error"}}
400 | quota_exhausted | {"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing.","type":"Arrearage"}}
403 | permission | {"error":{"message":"Model access denied.","type":"Model.AccessDenied","code":"Model.AccessDenied"}}
429 | rate_limited | {"error":{"code":"1302","message":"您的账户已达到速率限制，请您控制请求频率"}}
400 | model_not_found | {"error":{"code":"1211","message":"模型不存在，请检查模型代码。"}}
401 | auth | {"error":{"code":"1000","message":"身份验证失败。"}}
429 | overloaded | {"error":{"code":"1305","message":"该模型当前访问量过大，请您稍后再试"}}
500 | server_error | {"error":"llama runner process has terminated: exit status 2"}
500 | server_error | {"error":"unable to load model: /root/.ollama/models/blobs/sha256"}
503 | loading | {"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}
422 | bad_request | {"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000","error_type":"validation"}
400 | quota_exhausted | {"error":{"message":"Budget has been exceeded! Current cost: 10.0, Max budget: 5.0","type":"budget_exceeded","param":null,"code":"400"}}
401 | auth | {"error":{"message":"Authentication Error, Invalid proxy server token passed. Received API Key = sk-...xxx","type":"token_not_found_in_db","param":"key","code":"401"}}
400 | auth | {"error":{"message":"Authentication Error - Expired Key. Key Expiry time","type":"expired_key","param":"None","code":"400"}}
401 | permission model_not_found | {"error":{"message":"Authentication Error, API Key not allowed to access model. This token can only access models=['a']","type":"key_model_access_denied","param":"model","code":"401"}}
429 | rate_limited | {"error":{"message":"litellm.RateLimitError: AnthropicException - {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\"}}","type":"throttling_error","param":null,"code":"429"}}
500 | server_error gateway | {"error":{"message":"litellm.APIConnectionError: OpenAIException - Connection error.","type":null,"param":null,"code":"500"}}
429 | rate_limited overloaded | {"error":{"message":"No deployments available for selected model, Try again in 5 seconds. Passed model=m. pre-call-checks=False, cooldown_list=[]","type":"None","param":"None","code":"429"}}
503 | overloaded gateway | {"fault":{"faultstring":"The Service is temporarily unavailable","detail":{"errorcode":"messaging.adaptors.http.flow.ServiceUnavailable"}}}
401 | auth | {"fault":{"faultstring":"Failed to resolve API Key variable request.header.apikey","detail":{"errorcode":"steps.oauth.v2.FailedToResolveAPIKey"}}}
401 | auth | {"message":"No API key found in request"}
401 | auth | {"message":"Missing Authentication Token"}
403 | auth wrong_endpoint permission | {"message":"Missing Authentication Token"}
403 | permission | {"message":"Forbidden"}
504 | gateway server_error | {"message":"Endpoint request timed out"}
503 | gateway | no healthy upstream
502 | gateway | {"error":"dial tcp 10.0.0.1:443: connect: connection refused"}
500 | gateway | upstream request timeout
503 | gateway | <html><body><h1>503 Service Unavailable</h1> No server is available to handle this request. </body></html>
403 | gateway permission | error code: 1010
429 | rate_limited gateway | error code: 1015
524 | gateway | error code: 524
404 | wrong_endpoint | 404 page not found
404 | wrong_endpoint | {"detail":"Not Found"}
405 | wrong_endpoint | {"detail":"Method Not Allowed"}
200 | auth | {"code":401,"msg":"token invalid","success":false}
200 | rate_limited | {"error":"rate limit exceeded"}
200 | empty_response invalid_response | {"choices":[]}
400 | content_filtered | {"error":{"message":"Your prompt was rejected by our safety filters.","code":"content_policy_violation"}}
400 | content_filtered bad_request | {"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","code":"invalid_prompt"}}
403 | region_blocked | {"error":"Access from your region is not allowed"}
400 | overloaded | {"error":{"message":"The server cluster is currently under high load. Please retry after a short wait","code":"x"}}
408 | server_error timeout_total timeout_headers gateway | {"error":{"message":"Request timed out.","type":"timeout"}}
500 | server_error | {"error":{"message":"CUDA out of memory. Tried to allocate 2.00 GiB","type":"InternalServerError"}}
500 | server_error | {"object":"error","message":"EngineCore encountered an issue. See stack trace (above) for the root cause.","type":"InternalServerError","code":500}
400 | quota_exhausted | {"error":{"message":"Free tier limit reached. Upgrade to continue.","code":"free_tier_limit"}}
429 | quota_exhausted | {"error":{"message":"You have reached your monthly usage limit"}}
429 | quota_exhausted | {"error":{"message":"Daily request limit reached, resets at midnight UTC"}}
403 | permission | {"error":{"message":"The API key does not have permission to use this model","code":"permission_denied"}}
401 | auth | {"error":{"message":"API key has been revoked"}}
403 | quota_exhausted | {"error":{"message":"Key limit exceeded (total limit). Manage it","code":403}}
"""
